// SPDX-License-Identifier: MIT
//
// Whether one rule matches at least every socket that another matches. Where that cannot be told
// for certain the answer is no: what is said on the strength of it is then always true.
#pragma once

#include "shim/policy/policy.h"

namespace sockopt {

bool covers(const Policy& policy, const Rule& wide, const Rule& narrow);

}  // namespace sockopt
