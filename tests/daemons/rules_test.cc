// SPDX-License-Identifier: MIT
//
// Rules that choose among real servers, and among the sockets of one.
#include <gtest/gtest.h>

#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"

namespace sockopt::test {
namespace {

class RulesTest : public DaemonTest {
 protected:
  // With the library it has these, without it has not.
  void expect_only_with_shim(const OwnedSocket& owned, const Options& values) const {
    for (const auto& [key, value] : values) {
      if (shimmed()) {
        EXPECT_EQ(owned.socket.text(key), value) << key;
      } else {
        EXPECT_NE(owned.socket.text(key), value) << key << " without the library";
      }
    }
  }

  std::uint16_t origin_port_ = 0;
};

TEST_P(RulesTest, ByAddress) {
  SOCKOPT_NEEDS("haproxy");
  const Server& server = start([&](std::uint16_t port) {
    origin_port_ = free_port();
    const std::string front = std::to_string(port);
    const std::string origin = std::to_string(origin_port_);
    directory().write("sockopt.ini", "[rule front]\nlisten = " + front +
                                         "\nkeepidle = 71s\nbacklog = 2048\n"
                                         "[rule origin]\nconnect = 127.0.0.0/8:" +
                                         origin + "\nuser_timeout = 53s\n");
    directory().write("haproxy.cfg", R"(
        defaults
          # A connection to the origin lasts as long as its client's, and is there to be read.
          mode tcp
          backlog 99
          timeout connect 20s
          timeout client 60s
          timeout server 60s
        frontend front
          bind 127.0.0.1:)" + front + R"(
          default_backend behind
        backend behind
          server origin 127.0.0.1:)" + origin +
                                         R"(
        frontend origin
          mode http
          bind 127.0.0.1:)" + origin + R"(
          http-request return status 200 content-type text/plain string hello
)");
    return Command{.argv = {"haproxy", "-db", "-f", directory() / "haproxy.cfg"},
                   .environment = environment()};
  });
  TcpClient client("127.0.0.1", server.port);
  EXPECT_EQ(http_get(client, "/").body, "hello");

  expect_only_with_shim(server.listener(), {{"keepidle", "71s"}, {"backlog", "2048"}});
  expect_only_with_shim(server.accepted(client), {{"keepidle", "71s"}});
  const OwnedSocket backend = await_socket(server.pid(), connected_to(origin_port_));
  expect_only_with_shim(backend, {{"user_timeout", "53s"}});

  // And nothing that was meant for the others.
  EXPECT_NE(backend.socket.text("keepidle"), "71s");
  const OwnedSocket origin = await_socket(server.pid(), listening_on(origin_port_));
  EXPECT_NE(origin.socket.text("keepidle"), "71s");
  EXPECT_EQ(origin.socket.text("backlog"), "99");
  EXPECT_NE(server.accepted(client).socket.text("user_timeout"), "53s");
}

TEST_P(RulesTest, ByProgram) {
  SOCKOPT_NEEDS("memcached");
  directory().write("sockopt.ini", R"(
[rule web]
program = nginx, *d, !memcached
user_timeout = 53s
[rule cache]
program = memcached
keepidle = 71s
)");
  const Server& server = start([&](std::uint16_t port) {
    return Command{
        .argv = {"memcached", "-l", "127.0.0.1", "-p", std::to_string(port), "-u", "nobody"},
        .environment = environment()};
  });
  TcpClient client("127.0.0.1", server.port);
  client.send("version\r\n");
  EXPECT_TRUE(client.receive_until("\r\n").starts_with("VERSION"));
  for (const OwnedSocket& owned : {server.listener(), server.accepted(client)}) {
    expect_only_with_shim(owned, {{"keepidle", "71s"}});
    EXPECT_EQ(owned.socket.text("user_timeout"), "0ms");
  }
}

INSTANTIATE_TEST_SUITE_P(Daemons, RulesTest, ::testing::Values(Shim::kNone, Shim::kFile),
                         shim_name);

}  // namespace
}  // namespace sockopt::test
