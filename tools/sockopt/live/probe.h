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

struct Probe {
  int refusal = 0;            ///< the errno of setsockopt; 0: it was taken
  bool other_family = false;  ///< it was not tried: the option is for IPv6 sockets only
  OptionReading held = {};    ///< what getsockopt says then; of the backlog, the longest queue
};

Probe probe_value(const Option& option, const Value& value, bool ipv6);

/// What SO_PRIORITY becomes where IP_TOS is set to this.
OptionReading probe_priority(const Value& tos);

/// Empty where the kernel holds what was asked for; else `4096 (net.core.somaxconn)`, or
/// `refused: needs CAP_NET_ADMIN`.
std::string probe_text(const Option& option, const Value& value, const Probe& probe);

}  // namespace sockopt
