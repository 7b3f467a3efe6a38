// SPDX-License-Identifier: MIT
#include "tests/support/servers/process_tree_sockets.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "tests/support/eventually.h"
#include "tools/inspect/process_tree.h"

namespace sockopt::test {

std::vector<OwnedSocket> sockets_of_tree(pid_t root) {
  std::vector<pid_t> pids{root};
  for (const ProcessEntry& process : descendants(root)) pids.push_back(process.pid);
  std::vector<OwnedSocket> found;
  for (const pid_t pid : pids) {
    ProcessSockets listed = list_sockets(pid);
    if (listed.failure && listed.failure->obstacle != Obstacle::kGone) {
      throw std::runtime_error(std::to_string(pid) + ": " + listed.failure->text());
    }
    for (SocketSnapshot& socket : listed.sockets) found.push_back({pid, std::move(socket)});
  }
  return found;
}

SocketPredicate listening_on(std::uint16_t port) {
  return [port](const OwnedSocket& owned) {
    return owned.socket.facts.listening && owned.socket.facts.local.port == port;
  };
}

SocketPredicate accepted_from(const TcpClient& client) {
  return [port = client.local_port()](const OwnedSocket& owned) {
    const SocketFacts& facts = owned.socket.facts;
    return facts.state == TCP_ESTABLISHED && facts.peer.port == port;
  };
}

SocketPredicate connected_to(std::uint16_t port) {
  return [port](const OwnedSocket& owned) {
    const SocketFacts& facts = owned.socket.facts;
    return facts.state == TCP_ESTABLISHED && facts.peer.port == port;
  };
}

std::optional<OwnedSocket> find_socket(pid_t root, const SocketPredicate& wanted) {
  const std::vector<OwnedSocket> sockets = sockets_of_tree(root);
  const auto match = std::find_if(sockets.begin(), sockets.end(), wanted);
  return match != sockets.end() ? std::optional(*match) : std::nullopt;
}

OwnedSocket await_socket(pid_t root, const SocketPredicate& wanted) {
  std::optional<OwnedSocket> found;
  eventually(kPatience, [&] { return (found = find_socket(root, wanted)).has_value(); });
  if (!found) throw std::runtime_error("no such socket in process " + std::to_string(root));
  return *std::move(found);
}

}  // namespace sockopt::test
