// SPDX-License-Identifier: MIT
//
// A server is a tree of processes, and which of them holds the connection that a test is about is
// the server's affair: a socket is looked for in all of them, from outside, until it is there.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "tests/support/tcp_client.h"
#include "tools/inspect/process_sockets.h"

namespace sockopt::test {

struct OwnedSocket {
  pid_t pid = 0;
  SocketSnapshot socket{};
};

/// Of the process and all its descendants. A socket that several share is there several times.
std::vector<OwnedSocket> sockets_of_tree(pid_t root);

using SocketPredicate = std::function<bool(const OwnedSocket&)>;

SocketPredicate listening_on(std::uint16_t port);
/// The server's end of the client's connection.
SocketPredicate accepted_from(const TcpClient& client);
/// The server's own connection to somebody else's port.
SocketPredicate connected_to(std::uint16_t port);

/// The first that is there now.
std::optional<OwnedSocket> find_socket(pid_t root, const SocketPredicate& wanted);

/// Waits until there is one; throws if none comes.
OwnedSocket await_socket(pid_t root, const SocketPredicate& wanted);

}  // namespace sockopt::test
