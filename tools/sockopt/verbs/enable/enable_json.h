// SPDX-License-Identifier: MIT
//
// What `enable` did, or would do, for programs: `sockopt.enable/1`.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/verbs/enable/enabler.h"

namespace sockopt {

std::string enabled_json(const EnableArguments& given, const std::vector<EnabledUnit>& units);

}  // namespace sockopt
