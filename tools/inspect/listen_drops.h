// SPDX-License-Identifier: MIT
//
// How many packets of new connections a listener dropped: its queue was full, or memory short. The
// kernel counts them per socket, some of them twice, and in the same number packets of which
// nothing was lost: what TCP_DEFER_ACCEPT holds back, a SYN that was answered before, a handshake
// that the peer gave up. It tells these apart only over a whole network namespace, and so bounds
// how many a listener can have dropped. Of MPTCP listeners it counts nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tools/inspect/foreign_socket.h"

namespace sockopt {

/// What the kernel counted in a network namespace since it exists.
using Counters = std::map<std::string, std::uint64_t, std::less<>>;

/// /proc/net/netstat: pairs of lines, names above numbers. The names are `TcpExt.ListenDrops`.
Counters parse_counters(std::string_view netstat);

/// 0 where there is none of that name.
std::uint64_t count_of(const Counters& counters, std::string_view name);

struct ListenDrops {
  std::uint64_t least = 0;
  std::uint64_t most = 0;

  bool is_known() const { return least == most; }
  ListenDrops& operator+=(const ListenDrops& other);
  /// `0`, or `7..30` where it is not known better.
  std::string text() const;
};

/// With `counters` of the listener's namespace, read after its facts; empty: not known. Nothing
/// where the kernel does not count.
std::optional<ListenDrops> listen_drops(const SocketFacts& listener, const Counters& counters);

}  // namespace sockopt
