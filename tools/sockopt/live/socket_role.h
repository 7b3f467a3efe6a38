// SPDX-License-Identifier: MIT
//
// Which side of the policy speaks for a socket. A rule's `listen` is about a listener and the
// connections that come in by it, `connect` about the connections that the program makes; but the
// kernel does not record which of the two a connection is. Its local address tells: one that is
// listened on has come in.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "tools/inspect/endpoint.h"
#include "tools/inspect/foreign_socket.h"

namespace sockopt {

enum class SocketRole : std::uint8_t {
  kListener,
  kAccepted,
  kClient,
  kUnconnected,  ///< neither listens nor has a peer: new, or its connection is over
};

/// `listener`, `accepted`, `client`, `unconnected`.
std::string_view role_name(SocketRole role);

/// What is listened on, of all processes that are looked at and by network namespace: workers hold
/// connections of listeners that their master holds.
class Listeners {
 public:
  void add(std::uint64_t net_namespace, const Endpoint& local);

  /// Where the listener of a connection with this local end is bound: to that address, or else to
  /// the wildcard. Null where nobody listens.
  const Endpoint* find(std::uint64_t net_namespace, const Endpoint& local) const;

 private:
  std::set<std::pair<std::uint64_t, Endpoint>> all_;
};

/// `listener` is what Listeners::find says of the socket's local end.
SocketRole role_of(const SocketFacts& facts, const Endpoint* listener);

}  // namespace sockopt
