// SPDX-License-Identifier: MIT
//
// The TCP sockets of a process, one after the other. What comes out is plain data: every duplicate
// is closed before the next one is made.
#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/inspect/foreign_socket.h"
#include "tools/inspect/option_reading.h"
#include "tools/inspect/result.h"

namespace sockopt {

struct SocketSnapshot {
  SocketFacts facts;
  std::array<OptionReading, kOptionCount> options;  ///< in the order of kOptions

  /// By key; throws std::out_of_range for one that the table does not have.
  const OptionReading& option(std::string_view key) const;
  /// As it would be written in sockopt.ini.
  std::string text(std::string_view key) const;
};

/// Calls `visit` with each TCP or MPTCP socket of the process while its duplicate is open. What
/// stopped the walk, if anything did: then there may be sockets that were not seen.
std::optional<Failure> visit_sockets(const ForeignProcess& process,
                                     const std::function<void(const ForeignSocket&)>& visit);

struct ProcessSockets {
  std::vector<SocketSnapshot> sockets;
  std::optional<Failure> failure;  ///< set: `sockets` is not all there is
};

SocketSnapshot take_snapshot(const ForeignSocket& socket);

ProcessSockets list_sockets(const ForeignProcess& process);
ProcessSockets list_sockets(pid_t pid);

}  // namespace sockopt
