// SPDX-License-Identifier: MIT
//
// The listeners of a network namespace, from the kernel over netlink (sock_diag(7)): it looks at
// the table of listeners only. /proc/net/tcp goes on to that of connections, which takes
// milliseconds where memory, and with it the table, is large, even if it is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/inspect/endpoint.h"

namespace sockopt {

struct DumpedListener {
  Endpoint local;
  std::uint64_t cookie = 0;  ///< SO_COOKIE
};

/// Of the network namespace of the calling thread; nothing where the kernel does not tell.
std::optional<std::vector<DumpedListener>> dump_listeners();

/// What the kernel counts as drops of all of them together (listen_drops.h), whoever owns them.
std::optional<std::uint64_t> dump_drops();

}  // namespace sockopt
