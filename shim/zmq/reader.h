// SPDX-License-Identifier: MIT
//
// What sockopt.ini says of ZeroMQ: the section `[zmq]`, and the rules with `zmq = TYPE, ...`. All
// else in the file is TCP's, which shim/config reads and reports.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/fault.h"
#include "shim/zmq/policy.h"

namespace sockopt::zmq {

/// Whether faults that whoever reads the file for TCP sees as well, too, are reported here: lines
/// that cannot be read, names that are there twice.
enum class SharedFaults : std::uint8_t { kReported, kLeftToOthers };

/// Adds the settings of `text`, the content of the file `source`.
void read_configuration(std::string_view text, std::string_view source, Policy& policy,
                        FaultSink faults, SharedFaults shared);

}  // namespace sockopt::zmq
