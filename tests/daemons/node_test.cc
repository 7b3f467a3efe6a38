// SPDX-License-Identifier: MIT
//
// Node: libuv accepts until EAGAIN, and sets TCP_NODELAY for HTTP by itself.
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"

namespace sockopt::test {
namespace {

class NodeTest : public DaemonTest {};

TEST_P(NodeTest, HttpServerAndClient) {
  SOCKOPT_NEEDS("/usr/bin/node");
  const Server& server = start(Command{
      .argv = {"/usr/bin/node", source_directory() / "tests/daemons/servers/node_server.js"},
      .environment = environment()});
  TcpClient client("127.0.0.1", server.port);
  const HttpReply reply = http_get(client, "/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");
  expect_listener(server.listener(), 511);
  expect_options(server.accepted(client), {{"nodelay", "on"}});

  EXPECT_EQ(http_get(client, "/connect/" + std::to_string(server.port)).body, "connected\n");
  expect_options(await_socket(server.pid(), connected_to(server.port)));
}

SOCKOPT_DAEMON_TEST(NodeTest);

}  // namespace
}  // namespace sockopt::test
