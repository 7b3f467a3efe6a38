// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/doctor/doctor_json.h"

#include <nlohmann/json.hpp>

#include "tools/sockopt/report/finding_json.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

using Json = nlohmann::ordered_json;

// The library in a process, and what it holds.
Json library_json(const HeldFacts& held) {
  Json json = {{"path", printable(held.library)},
               {"version", held.version.empty() ? Json() : Json(printable(held.version))},
               {"idle", held.idle},
               {"hooks_disabled", held.hooks_disabled},
               {"policy", nullptr}};
  // Of another build, or one that holds nothing, there is nothing to count.
  if (!held.readable) return json;
  Json files = Json::array();
  for (const ReadFile& file : held.files) files.push_back(printable(file.path, 4096));
  json["policy"] = {{"settings", held.settings},
                    {"rules", held.rules},
                    {"variables", held.variables},
                    {"files", std::move(files)}};
  return json;
}

Json examined_json(const Examined& examined) {
  Json json = {{"kind", examined.kind}, {"name", printable(examined.name)}};
  if (examined.kind == "process") {
    json["library"] = examined.library ? library_json(*examined.library) : Json();
  }
  json["findings"] = findings_json(examined.found);
  return json;
}

}  // namespace

std::string doctor_json(const std::vector<Examined>& examined,
                        const std::vector<UnreadableProcess>& unreadable) {
  Json json = {{"schema", "sockopt.doctor/2"}, {"host", host_name()}};
  json["subjects"] = Json::array();
  for (const Examined& one : examined) json["subjects"].push_back(examined_json(one));
  json["unreadable"] = unreadable_json(unreadable);
  return json.dump(2) + '\n';
}

}  // namespace sockopt
