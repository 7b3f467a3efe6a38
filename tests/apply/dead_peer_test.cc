// SPDX-License-Identifier: MIT
//
// On the wire: two servers with a connection each from a host that then falls silent. The one that
// `apply` gave keepalive notices, the other does not. The host is a
// network namespace at the other end of a veth pair.
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <system_error>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

class Host {
 public:
  Host() : holder_({.argv = {"unshare", "--net", "sleep", "600"}}) {
    // It is one as soon as the namespace is another than ours.
    const std::string own = std::filesystem::read_symlink("/proc/self/ns/net");
    ready_ = eventually(kPatience,
                        [&] {
                          std::error_code ignored;
                          const auto its =
                              std::filesystem::read_symlink("/proc/" + word() + "/ns/net", ignored);
                          return !holder_.running() || (!its.empty() && its != own);
                        }) &&
             holder_.running();
  }

  bool ready() const { return ready_; }
  std::string error() const { return holder_.error(); }
  std::string word() const { return std::to_string(holder_.pid()); }

  // A command line for what is to run there.
  std::vector<std::string> there(std::vector<std::string> argv) const {
    std::vector<std::string> prefix = {"nsenter", "--net=/proc/" + word() + "/ns/net", "--"};
    prefix.insert(prefix.end(), argv.begin(), argv.end());
    return prefix;
  }
  testing::AssertionResult does(std::vector<std::string> argv) const {
    const Finished finished = run({.argv = there(std::move(argv))});
    if (finished.success()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << finished.error;
  }

 private:
  Process holder_;
  bool ready_ = false;
};

class Server {
 public:
  explicit Server(const Host& host)
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
  const Host here;
  const Host peer;
  if (!here.ready() || !peer.ready()) GTEST_SKIP() << "no network namespaces: " << here.error();
  const auto linked = here.does(
      {"ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", peer.word()});
  if (!linked) GTEST_SKIP() << "no veth pair: " << linked.message();
  ASSERT_TRUE(here.does({"ip", "address", "add", "192.0.2.1/30", "dev", "wire"}));
  ASSERT_TRUE(peer.does({"ip", "address", "add", "192.0.2.2/30", "dev", "wire"}));
  ASSERT_TRUE(here.does({"ip", "link", "set", "wire", "up"}));
  ASSERT_TRUE(peer.does({"ip", "link", "set", "wire", "up"}));

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
  ASSERT_TRUE(peer.does({"ip", "link", "set", "wire", "down"}));
  EXPECT_TRUE(eventually(kPatience, [&] { return !with.has_connection(); }));
  EXPECT_TRUE(without.has_connection()) << "it has no way to know";
  EXPECT_TRUE(first->running() && second->running()) << "neither end was closed by its program";
}

}  // namespace
}  // namespace sockopt::test
