// SPDX-License-Identifier: MIT
//
// A finding for programs: what has no value is null.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// Null rather than "": there is none.
nlohmann::ordered_json text_or_null(std::string_view text);
nlohmann::ordered_json finding_json(const Finding& finding);
nlohmann::ordered_json findings_json(const Findings& findings);

}  // namespace sockopt
