// SPDX-License-Identifier: MIT
//
// Python's two ways to serve: http.server, which calls accept in a thread, and asyncio, which
// drains the queue of a non-blocking listener.
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"

namespace sockopt::test {
namespace {

constexpr const char* kPython = "/usr/bin/python3";  // the system's, not a version manager's

class PythonTest : public DaemonTest {
 protected:
  Server& start_asyncio(const std::string& address) {
    const std::string script = source_directory() / "tests/daemons/servers/asyncio_server.py";
    return start(Command{.argv = {kPython, script, address}, .environment = environment()});
  }
};

TEST_P(PythonTest, HttpServer) {
  SOCKOPT_NEEDS("/usr/bin/python3");
  directory().write("html/index.html", "hello\n");
  const Server& server =
      start(Command{.argv = {kPython, "-m", "http.server", "0", "--bind", "127.0.0.1"},
                    .environment = environment(),
                    .directory = directory() / "html"});
  TcpClient client("127.0.0.1", server.port);
  http_begin(client, "/");
  expect_server(server, client, 5);
  const HttpReply reply = http_finish(client);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");
}

TEST_P(PythonTest, Asyncio) {
  SOCKOPT_NEEDS("/usr/bin/python3");
  const Server& server = start_asyncio("::1");
  TcpClient client("::1", server.port);
  client.send("hello\n");
  EXPECT_EQ(client.receive_until("\n"), "hello\n");
  expect_listener(server.listener(), 100);
  const Options own = {{"nodelay", "on"}};  // asyncio sets it on every stream
  expect_options(server.accepted(client), own);

  const Server& other = start_asyncio("127.0.0.1");
  client.send("connect " + std::to_string(other.port) + "\n");
  EXPECT_EQ(client.receive_until("\n"), "connected\n");
  expect_options(await_socket(server.pid(), connected_to(other.port)), own);
}

SOCKOPT_DAEMON_TEST(PythonTest);

}  // namespace
}  // namespace sockopt::test
