// SPDX-License-Identifier: MIT
//
// HAProxy: the master executes itself anew once the worker runs, and every client has a connection
// to a backend behind it.
#include <signal.h>

#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"

namespace sockopt::test {
namespace {

class HaproxyTest : public DaemonTest {
 protected:
  Server& start_haproxy() {
    return start([&](std::uint16_t port) {
      origin_port_ = free_port();
      directory().write("haproxy.cfg", R"(
        global
          maxconn 100
        defaults
          mode http
          # A connection to the origin lasts as long as its client's, and is there to be read.
          http-reuse never
          backlog 99
          timeout connect 20s
          timeout client 60s
          timeout server 60s
        frontend front
          bind 127.0.0.1:)" + std::to_string(port) +
                                           R"(
          default_backend behind
        backend behind
          server origin 127.0.0.1:)" + std::to_string(origin_port_) +
                                           R"(
        frontend origin
          bind 127.0.0.1:)" + std::to_string(origin_port_) +
                                           R"(
          http-request return status 200 content-type text/plain string hello
)");
      return Command{.argv = {"haproxy", "-W", "-f", directory() / "haproxy.cfg"},
                     .environment = environment()};
    });
  }

  std::uint16_t origin_port_ = 0;
};

TEST_P(HaproxyTest, BothSides) {
  SOCKOPT_NEEDS("haproxy");
  const Server& server = start_haproxy();
  TcpClient client("127.0.0.1", server.port);
  const HttpReply reply = http_get(client, "/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello");
  // Without `tcp-ut` it sets user_timeout on its listeners to 0, which connections then inherit.
  expect_listener(server.listener(), 99, {{"user_timeout", "0ms"}});
  expect_options(server.accepted(client), {{"user_timeout", "0ms"}, {"nodelay", "on"}});
  expect_options(await_socket(server.pid(), connected_to(origin_port_)), {{"nodelay", "on"}});
}

SOCKOPT_DAEMON_TEST(HaproxyTest);

}  // namespace
}  // namespace sockopt::test
