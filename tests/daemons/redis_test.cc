// SPDX-License-Identifier: MIT
//
// redis: accepts until EAGAIN and, unless told otherwise, sets keepalive on each connection itself:
// then its values stand. A replica is a client of its master.
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"

namespace sockopt::test {
namespace {

constexpr int kRedisBacklog = 511;  // redis' own

class RedisTest : public DaemonTest {
 protected:
  Server& start_redis(const std::vector<std::string>& more) {
    return start([&](std::uint16_t port) {
      const std::string data = "data-" + std::to_string(port);
      std::filesystem::create_directory(directory() / data);
      Command command{.argv = {"redis-server", "--port", std::to_string(port), "--bind",
                               "127.0.0.1", "--save", "", "--dir", directory() / data},
                      .environment = environment()};
      command.argv.insert(command.argv.end(), more.begin(), more.end());
      if (enforce_ && GetParam() == Shim::kVariables) command.environment["SOCKOPT_ENFORCE"] = "1";
      return command;
    });
  }

  static std::string ask(TcpClient& client, const std::string& line) {
    client.send(line + "\r\n");
    return client.receive_until("\r\n");
  }

  void enforce() {
    enforce_ = true;
    const std::string settings = read_file(directory() / "sockopt.ini");
    if (GetParam() == Shim::kFile) directory().write("sockopt.ini", settings + "enforce = yes\n");
  }

  bool enforce_ = false;
};

TEST_P(RedisTest, Serves) {
  SOCKOPT_NEEDS("redis-server");
  const Server& server = start_redis({"--tcp-keepalive", "0"});
  TcpClient client("127.0.0.1", server.port);
  EXPECT_EQ(ask(client, "PING"), "+PONG\r\n");
  expect_listener(server.listener(), kRedisBacklog);
  expect_options(server.accepted(client), {{"nodelay", "on"}});
}

TEST_P(RedisTest, WhatItSetsItselfStands) {
  SOCKOPT_NEEDS("redis-server");
  const Server& server = start_redis({});
  TcpClient client("127.0.0.1", server.port);
  EXPECT_EQ(ask(client, "PING"), "+PONG\r\n");
  expect_listener(server.listener(), kRedisBacklog);
  expect_options(server.accepted(client), {{"nodelay", "on"},
                                           {"keepalive", "on"},
                                           {"keepidle", "300s"},
                                           {"keepintvl", "100s"},
                                           {"keepcnt", "3"}});
}

TEST_P(RedisTest, WhatItSetsItselfIsOverruled) {
  SOCKOPT_NEEDS("redis-server");
  enforce();
  const Server& server = start_redis({});
  TcpClient client("127.0.0.1", server.port);
  EXPECT_EQ(ask(client, "PING"), "+PONG\r\n");
  // On either way keepalive and nodelay are on.
  expect_options(server.accepted(client), {{"keepalive", "on"}, {"nodelay", "on"}});
}

TEST_P(RedisTest, ReplicaAndClient) {
  SOCKOPT_NEEDS("redis-server");
  SOCKOPT_NEEDS("redis-cli");
  const Server& master = start_redis({"--tcp-keepalive", "0", "--repl-diskless-sync-delay", "0"});
  const Finished set = run_client(
      Command{.argv = {"redis-cli", "-p", std::to_string(master.port), "SET", "key", "value"},
              .environment = environment()});
  EXPECT_EQ(set.output, "OK\n");
  const Server& replica = start_redis(
      {"--tcp-keepalive", "0", "--replicaof", "127.0.0.1 " + std::to_string(master.port)});
  TcpClient client("127.0.0.1", replica.port);
  ASSERT_TRUE(eventually(kPatience, [&] {
    return ask(client, "GET key") == "$5\r\n" && client.receive_until("\r\n") == "value\r\n";
  }));
  expect_options(await_socket(replica.pid(), connected_to(master.port)), {{"nodelay", "on"}});
}

SOCKOPT_DAEMON_TEST(RedisTest);

}  // namespace
}  // namespace sockopt::test
