// SPDX-License-Identifier: MIT
//
// The network namespaces that sockets are of. Mostly it is that of the process, but a listener that
// was handed in (by systemd to a unit with PrivateNetwork=, say) keeps its own, and with it the
// sysctls that bound it. A socket names its namespace by a cookie, /proc by an inode; which belong
// together shows a socket that is made there.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/inspect/foreign_process.h"
#include "tools/inspect/foreign_socket.h"
#include "tools/sockopt/live/drift.h"

namespace sockopt {

struct NetNamespace {
  std::uint64_t inode = 0;   ///< as in /proc/PID/ns/net; 0: no process in it was seen
  std::uint64_t cookie = 0;  ///< 0: it may not be entered, or the kernel has none (before 5.14)
  NamespaceLimits limits{};
};

class NetNamespaces {
 public:
  using Id = std::uint32_t;

  /// That of the process.
  Id of(const ForeignProcess& process);
  /// That of a socket, which a process of namespace `home` holds.
  Id of(const SocketFacts& socket, Id home);

  const NetNamespace& operator[](Id id) const { return all_[id]; }
  /// How many were met.
  std::size_t size() const { return all_.size(); }

 private:
  std::vector<NetNamespace> all_;
};

}  // namespace sockopt
