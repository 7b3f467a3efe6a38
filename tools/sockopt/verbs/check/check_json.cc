// SPDX-License-Identifier: MIT
//
// See check_json.h.
#include "tools/sockopt/verbs/check/check_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/sockopt/report/host_name.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

using Json = nlohmann::ordered_json;

// Null: the whole file, or the whole line, is meant.
Json number_or_null(std::uint32_t number) { return number == 0 ? Json() : Json(number); }

Json finding_json(const Finding& finding) {
  return {{"file", printable(finding.source)},        {"line", number_or_null(finding.line)},
          {"column", number_or_null(finding.column)}, {"length", number_or_null(finding.length)},
          {"severity", word(finding.kind)},           {"message", printable(finding.message)}};
}

}  // namespace

std::string check_json(const Checked& checked) {
  Json json = {{"schema", "sockopt.check/1"}, {"host", host_name()}};
  json["files"] = Json::array();
  for (const CheckedFile& file : checked.files) {
    json["files"].push_back({{"file", printable(file.path)},
                             {"settings", file.settings ? Json(*file.settings) : Json()}});
  }
  json["findings"] = Json::array();
  for (const Finding& finding : checked.findings) {
    json["findings"].push_back(finding_json(finding));
  }
  const auto count = [&](Finding::Kind kind) {
    return std::count_if(checked.findings.begin(), checked.findings.end(),
                         [kind](const Finding& finding) { return finding.kind == kind; });
  };
  json["errors"] = count(Finding::Kind::kError);
  json["warnings"] = count(Finding::Kind::kWarning);
  json["notes"] = count(Finding::Kind::kNote);
  return json.dump(2) + '\n';
}

}  // namespace sockopt
