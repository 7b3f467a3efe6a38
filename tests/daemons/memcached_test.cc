// SPDX-License-Identifier: MIT
//
// memcached: one thread accepts and hands the connection to others, and the listener has options of
// the program's own, which the accepted sockets inherit along with ours.
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"

namespace sockopt::test {
namespace {

class MemcachedTest : public DaemonTest {};

TEST_P(MemcachedTest, Serves) {
  SOCKOPT_NEEDS("memcached");
  const Server& server = start([&](std::uint16_t port) {
    return Command{.argv = {"memcached", "-l", "127.0.0.1", "-p", std::to_string(port), "-b", "99",
                            "-t", "2", "-u", "nobody"},
                   .environment = environment()};
  });
  TcpClient client("127.0.0.1", server.port);
  client.send("set key 0 0 5\r\nvalue\r\n");
  EXPECT_EQ(client.receive_until("\r\n"), "STORED\r\n");
  client.send("get key\r\n");
  EXPECT_EQ(client.receive_until("END\r\n"), "VALUE key 0 5\r\nvalue\r\nEND\r\n");
  expect_server(server, client, 99, {{"keepalive", "on"}, {"nodelay", "on"}, {"linger", "off"}});
}

SOCKOPT_DAEMON_TEST(MemcachedTest);

}  // namespace
}  // namespace sockopt::test
