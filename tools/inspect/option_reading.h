// SPDX-License-Identifier: MIT
//
// What the kernel holds for an option of a socket, in the words of the option table. The rows know
// two names for some options, one of each family; which of the two decides depends on the socket.
#pragma once

#include <cstdint>
#include <string>

#include "shim/options/table.h"
#include "tools/inspect/foreign_socket.h"

namespace sockopt {

/// SO_BUF_LOCK (Linux 5.15): which buffers have a size that somebody set. The kernel tunes the
/// others, whose size may be the same by chance.
inline constexpr KernelName kBufLock = {SOL_SOCKET, 72};

/// The name that decides what this socket sends: the IPv4 one for IPv4-mapped peers as well. One
/// that does not exist where the socket's family has no such option.
KernelName deciding_name(const Option& option, const SocketFacts& facts);

/// The backlog, which is no socket option, is read from the listener's queue limit; asked of
/// another socket it is ENOPROTOOPT.
OptionReading read_option(const ForeignSocket& socket, const Option& option);

/// Whether the bits of SO_BUF_LOCK leave this buffer to the kernel's tuning.
bool is_tuned(const Option& buffer, std::int64_t locks);

/// As it would be written in sockopt.ini, or `unset` (unset_value.h).
std::string held_value_text(const Option& option, const Value& value);

/// The same, and who decides on a buffer's size; `-` for what could not be read.
std::string reading_text(const Option& option, const OptionReading& reading);

}  // namespace sockopt
