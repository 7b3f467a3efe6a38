// SPDX-License-Identifier: MIT
//
// libsockopt.so in programs on libzmq that know nothing of it: their TCP sockets are like all
// others. libzmq sets TCP_NODELAY itself, SO_REUSEADDR on listeners, and asks for a backlog of 100.
#include "tests/support/servers/daemon_test.h"
#include "tests/zmq/zmq_library.h"

namespace sockopt::test {
namespace {

class ZmqTcpTest : public DaemonTest {
 protected:
  // A server, and a client of its kind that has its reply and holds the connection.
  void expect_both_ends(const std::vector<std::string>& argv) {
    const Server& server = start(Command{.argv = argv, .environment = environment()});
    std::vector<std::string> as_client = argv;
    as_client.push_back(std::to_string(server.port));
    Process client({.argv = as_client, .environment = environment()});
    ASSERT_TRUE(eventually(kPatience, [&] { return client.output() == "hello\n"; }))
        << client.error();
    expect_listener(server.listener(), 100, {{"reuseaddr", "on"}});
    const Options own = {{"nodelay", "on"}};
    const OwnedSocket connected = await_socket(client.pid(), connected_to(server.port));
    expect_options(connected, own);
    expect_options(await_socket(server.pid(),
                                [&](const OwnedSocket& owned) {
                                  return owned.socket.facts.peer.port ==
                                         connected.socket.facts.local.port;
                                }),
                   own);
    EXPECT_EQ(client.error(), "");
  }
};

TEST_P(ZmqTcpTest, Pyzmq) {
  SOCKOPT_NEEDS_PYZMQ();
  expect_both_ends({kSystemPython, zmq_script("echo.py")});
}

TEST_P(ZmqTcpTest, Czmq) {
  SOCKOPT_NEEDS_CZMQ();
  expect_both_ends({zmq_program("czmq_echo")});
}

SOCKOPT_DAEMON_TEST(ZmqTcpTest);

}  // namespace
}  // namespace sockopt::test
