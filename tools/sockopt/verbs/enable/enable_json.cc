// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/enable/enable_json.h"

#include <nlohmann/json.hpp>

#include "tools/sockopt/report/finding_json.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"

namespace sockopt {

std::string enabled_json(const EnableArguments& given, const std::vector<EnabledUnit>& units) {
  using Json = nlohmann::ordered_json;
  Json json = {{"schema", "sockopt.enable/1"},
               {"host", host_name()},
               {"dry_run", given.common.dry_run},
               {"units", Json::array()}};
  for (const EnabledUnit& unit : units) {
    json["units"].push_back(
        {{"unit", printable(unit.name)},
         {"path", unit.path.empty() ? Json() : Json(printable(unit.path, 4096))},
         {"engine", unit.engine},
         {"result", unit.result},
         {"reaches", unit.status != kFault && unit.status != kInVain},
         {"findings", findings_json(unit.findings)},
         {"applied", unit.applied.empty() ? Json() : Json::parse(unit.applied)}});
  }
  return json.dump(2) + '\n';
}

}  // namespace sockopt
