// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/check/check_json.h"

#include <nlohmann/json.hpp>

#include "tools/sockopt/report/finding_json.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

std::string check_json(const Checked& checked) {
  using Json = nlohmann::ordered_json;
  Json json = {{"schema", "sockopt.check/2"}, {"host", host_name()}};
  json["files"] = Json::array();
  for (const CheckedFile& file : checked.files) {
    json["files"].push_back({{"file", printable(file.path)},
                             {"settings", file.settings ? Json(*file.settings) : Json()}});
  }
  json["findings"] = findings_json(checked.findings);
  json["errors"] = count(checked.findings, Level::kError);
  json["warnings"] = count(checked.findings, Level::kWarning);
  json["notes"] = count(checked.findings, Level::kNote);
  return json.dump(2) + '\n';
}

}  // namespace sockopt
