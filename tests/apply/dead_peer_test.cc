// SPDX-License-Identifier: MIT
//
// On the wire: two servers with a connection each from a host that then falls silent. The one that
// `apply` gave keepalive notices, the other does not. The host is a
// network namespace at the other end of a veth pair.
#include <gtest/gtest.h>

#include <memory>

#include "tests/support/network_host.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

class Server {
 public:
  explicit Server(const NetworkHost& host)
      : process_({.argv = host.there({build_directory() / "demo_server", "--any"})}) {}

  std::string word() const { return std::to_string(process_.pid()); }

  std::optional<SocketSnapshot> find(bool listener) const {
    for (const SocketSnapshot& socket : list_sockets(process_.pid()).sockets) {
      if (socket.facts.listening == listener) return socket;
    }
    return std::nullopt;
  }
  std::uint16_t port() const {
    std::optional<SocketSnapshot> listener;
    eventually(kPatience, [&] { return (listener = find(true)).has_value(); });
    return listener.value().facts.local.port;
  }
  bool has_connection() const { return find(false).has_value(); }

 private:
  Process process_;
};

TEST(DeadPeer, IsNoticedAfterApplyAndNotWithoutIt) {
  SOCKOPT_NEEDS_ROOT("to make network namespaces");
  const NetworkHost here;
  const NetworkHost peer;
  SOCKOPT_NEEDS_LINK(here, peer);

  const Server with(here);
  const Server without(here);
  const auto client = [&](const Server& server) {
    const std::string connect =
        "exec 3<>/dev/tcp/192.0.2.1/" + std::to_string(server.port()) + " && exec sleep 600";
    return std::make_unique<Process>(Command{.argv = peer.there({"bash", "-c", connect})});
  };
  const auto first = client(with);
  const auto second = client(without);
  ASSERT_TRUE(
      eventually(kPatience, [&] { return with.has_connection() && without.has_connection(); }));

  const Finished applied = apply({"--established", "-o", "keepalive=on", "-o", "keepidle=1s", "-o",
                                  "keepintvl=1s", "-o", "keepcnt=2", with.word()});
  EXPECT_TRUE(contains(applied.output, "2 changed, 0 failed."));
  ASSERT_TRUE(peer.vanish());
  EXPECT_TRUE(eventually(kPatience, [&] { return !with.has_connection(); }));
  EXPECT_TRUE(without.has_connection()) << "it has no way to know";
  EXPECT_TRUE(first->running() && second->running()) << "neither end was closed by its program";
}

}  // namespace
}  // namespace sockopt::test
