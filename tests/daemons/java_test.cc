// SPDX-License-Identifier: MIT
//
// Java: calls accept, not accept4, from its own copy of the socket calls in libnio and libnet, and
// speaks IPv4 through AF_INET6 sockets.
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"

namespace sockopt::test {
namespace {

class JavaTest : public DaemonTest {};

TEST_P(JavaTest, HttpServerAndClient) {
  SOCKOPT_NEEDS("/usr/bin/java");
  const Server& server =
      start(Command{.argv = {"/usr/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                             source_directory() / "tests/daemons/servers/Server.java"},
                    .environment = environment()});
  TcpClient client("127.0.0.1", server.port);
  const HttpReply reply = http_get(client, "/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");
  EXPECT_EQ(server.listener().socket.facts.domain, AF_INET6);
  expect_server(server, client, 50);

  EXPECT_EQ(http_get(client, "/connect/" + std::to_string(server.port)).body, "connected\n");
  expect_options(await_socket(server.pid(), connected_to(server.port)));
}

SOCKOPT_DAEMON_TEST(JavaTest);

}  // namespace
}  // namespace sockopt::test
