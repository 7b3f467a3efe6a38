// SPDX-License-Identifier: MIT
//
// What the kernel holds for an option of a socket, in the words of the option table. The rows know
// two names for some options, one of each family; which of the two decides depends on the socket.
#pragma once

#include <string>

#include "shim/options/table.h"
#include "tools/inspect/foreign_socket.h"

namespace sockopt {

/// The name that decides what this socket sends: the IPv4 one for IPv4-mapped peers as well. One
/// that does not exist where the socket's family has no such option.
KernelName deciding_name(const Option& option, const SocketFacts& facts);

/// The backlog, which is no socket option, is read from the listener's queue limit; asked of
/// another socket it is ENOPROTOOPT.
OptionReading read_option(const ForeignSocket& socket, const Option& option);

/// As it would be written in sockopt.ini, or `unset` (unset_value.h).
std::string held_value_text(const Option& option, const Value& value);

/// The same; `-` for what could not be read.
std::string reading_text(const Option& option, const OptionReading& reading);

}  // namespace sockopt
