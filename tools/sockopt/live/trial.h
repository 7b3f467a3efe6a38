// SPDX-License-Identifier: MIT
//
// What the kernel of this host makes of a setting: tried out on a socket of our own, which is
// closed again. The kernel rounds, doubles, caps and refuses, and says so only when asked.
#pragma once

#include <string>

#include "shim/options/option.h"
#include "shim/options/value.h"
#include "tools/inspect/option_reading.h"

namespace sockopt {

struct Trial {
  int refusal = 0;          ///< the errno of setsockopt; 0: it was taken
  OptionReading held = {};  ///< what getsockopt says then
};

/// Of an option that has a kernel name for the family; not of the backlog.
Trial try_value(const Option& option, const Value& value, bool ipv6);

/// Empty where the kernel holds what was asked for; else `4096 (net.core.somaxconn)`, or
/// `refused: needs CAP_NET_ADMIN`.
std::string try_setting(const Option& option, const Value& value, bool ipv6);

}  // namespace sockopt
