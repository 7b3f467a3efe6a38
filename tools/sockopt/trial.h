// SPDX-License-Identifier: MIT
//
// What the kernel of this host makes of a setting: tried out on a socket of our own, which is
// closed again. The kernel rounds, doubles, caps and refuses, and says so only when asked.
#pragma once

#include <string>

#include "shim/options/option.h"
#include "shim/options/value.h"

namespace sockopt {

/// Empty where the kernel holds what was asked for; else `4096 (net.core.somaxconn)`, or
/// `refused: needs CAP_NET_ADMIN`.
std::string try_setting(const Option& option, const Value& value, bool ipv6);

}  // namespace sockopt
