// SPDX-License-Identifier: MIT
//
// What the sections and keys of sockopt.ini mean: turns INI text into settings of a policy.  A
// wrong line is reported and skipped; all others apply.
#pragma once

#include <string_view>

#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

/// Adds the settings of `text`, the content of the file `source`.
void read_configuration(std::string_view text, std::string_view source, Policy& policy,
                        FaultSink faults);

/// Shows whether a file still says what was read: what a comment line says does not count.  Not for
/// storage: it depends on the byte order.
std::uint64_t content_hash(std::string_view text);

}  // namespace sockopt
