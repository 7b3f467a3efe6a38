// SPDX-License-Identifier: MIT
//
// Listeners that a server did not make but was handed, with clients that connected before it ran:
// by an older instance of itself, as nginx does with the variable NGINX, or by a service manager,
// as LISTEN_FDS says. Such a listener never passes through the server's own listen.
#include <gtest/gtest.h>

#include <optional>

#include "tests/support/listener.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"
#include "tests/support/servers/nginx.h"

namespace sockopt::test {
namespace {

constexpr int kDescriptor = 3;
constexpr int kBacklog = 5;  // of whoever made the listener

class InheritedListenerTest : public DaemonTest {
 protected:
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  Command handed_over(std::vector<std::string> argv) const {
    return {.argv = std::move(argv),
            .environment = environment(),
            .descriptors = {{kDescriptor, listener_->fd()}}};
  }

  Command nginx() const {
    Command command = handed_over(set_up_nginx(directory(), {.listen = address()}));
    command.environment["NGINX"] = std::to_string(kDescriptor) + ";";
    return command;
  }

  Command haproxy() const {
    directory().write("haproxy.cfg", R"(
        defaults
          mode http
          timeout client 60s
        frontend front
          bind fd@)" + std::to_string(kDescriptor) +
                                         R"(
          http-request return status 200 content-type text/plain string hello
)");
    return handed_over({"haproxy", "-db", "-f", directory() / "haproxy.cfg"});
  }

  std::optional<Listener> listener_{std::in_place, kBacklog};
  const std::uint16_t port_ = listener_->port();
};

TEST_P(InheritedListenerTest, WithConnectionsFromBefore) {
  SOCKOPT_NEEDS("nginx");
  std::vector<TcpClient> early;
  for (int i = 0; i < 3; ++i) early.emplace_back("127.0.0.1", port_);
  const Server& server = start(nginx());
  listener_.reset();
  for (TcpClient& client : early) {
    EXPECT_EQ(http_get(client, "/").body, "hello\n");
    expect_options(server.accepted(client));
  }
  TcpClient late("127.0.0.1", port_);
  EXPECT_EQ(http_get(late, "/").body, "hello\n");
  expect_server(server, late, kBacklog);
}

TEST_P(InheritedListenerTest, FromAServiceManager) {
  SOCKOPT_NEEDS("haproxy");
  TcpClient early("127.0.0.1", port_);
  Command command = haproxy();
  command.environment["LISTEN_FDS"] = "1";
  command.pid_variable = "LISTEN_PID";
  const Server& server = start(command);
  listener_.reset();
  EXPECT_EQ(http_get(early, "/").body, "hello");
  // HAProxy sets both on its listener itself, and early connections are treated as late ones are.
  const Options own = {{"nodelay", "on"}, {"user_timeout", "0ms"}};
  expect_options(server.accepted(early), own);
  TcpClient late("127.0.0.1", port_);
  EXPECT_EQ(http_get(late, "/").body, "hello");
  expect_listener(server.listener(), kBacklog, {{"user_timeout", "0ms"}});
  expect_options(server.accepted(late), own);
}

SOCKOPT_DAEMON_TEST(InheritedListenerTest);

}  // namespace
}  // namespace sockopt::test
