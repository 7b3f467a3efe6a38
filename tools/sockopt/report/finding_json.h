// SPDX-License-Identifier: MIT
//
// A finding for programs: what has no value is null.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tools/sockopt/report/finding.h"

namespace sockopt {

nlohmann::ordered_json finding_json(const Finding& finding);
nlohmann::ordered_json findings_json(const Findings& findings);

}  // namespace sockopt
