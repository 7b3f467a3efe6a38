// SPDX-License-Identifier: MIT
//
// What the sections and keys of sockopt.ini mean: INI text becomes settings of a policy.  A line
// that is wrong is reported and passed over; all others hold.
#pragma once

#include <string_view>

#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

/// Adds what `text`, the content of the file `source`, asks for.
void read_configuration(std::string_view text, std::string_view source, Policy& policy,
                        FaultSink faults);

/// Tells whether a file still is what was read.  Not for keeping: it depends on the byte order.
std::uint64_t content_hash(std::string_view text);

}  // namespace sockopt
