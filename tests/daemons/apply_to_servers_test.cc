// SPDX-License-Identifier: MIT
//
// `sockopt apply` on real servers that run without the library: what they accept from then on has
// the options, unless they set one themselves, which is then predicted.
#include <algorithm>

#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"
#include "tests/support/servers/nginx.h"
#include "tests/support/servers/postgres.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

class ApplyTest : public DaemonTest {
 protected:
  // Onto the process that was started; what is in `more` may name others.
  static Finished apply(const Server& server, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"apply", "--no-file", "-o",
                                          "backlog=" + std::to_string(kAskedBacklog)};
    for (const auto& [key, value] : asked_options()) {
      arguments.insert(arguments.end(), {"-o", key + "=" + value});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(std::to_string(server.pid()));
    Finished applied = sockopt(arguments);
    EXPECT_EQ(status(applied), 0) << applied.output << applied.error;
    return applied;
  }

  static void expect_all(const OwnedSocket& owned, const Options& own = {}) {
    SCOPED_TRACE(owned.socket.facts.local.text());
    for (const auto& [key, value] : asked_options()) {
      const auto theirs = own.find(key);
      EXPECT_EQ(owned.socket.text(key),
                theirs != own.end() ? theirs->second : canonical(key, value))
          << key;
    }
  }

  static void expect_changed_listener(const Server& server) {
    expect_all(server.listener());
    EXPECT_EQ(server.listener().socket.facts.queue_limit, std::uint32_t{kAskedBacklog});
  }

  static void undo(const Finished& applied) {
    int lines = 0;
    for (auto at = applied.output.find("Undo: sockopt "); at != std::string::npos;
         at = applied.output.find("Undo: sockopt ", at + 1)) {
      const auto begin = at + std::string("Undo: sockopt").size();
      const auto end = applied.output.find('\n', begin);
      const Finished undone =
          run({.argv = {"sh", "-c", command_path() + applied.output.substr(begin, end - begin)}});
      EXPECT_TRUE(undone.success()) << undone.output << undone.error;
      ++lines;
    }
    EXPECT_GT(lines, 0) << applied.output;
  }
};

TEST_P(ApplyTest, NginxMasterAndWorkers) {
  SOCKOPT_NEEDS("nginx");
  const Server& server = start([&](std::uint16_t port) {
    return Command{.argv = set_up_nginx(
                       directory(), {.listen = "127.0.0.1:" + std::to_string(port), .workers = 2}),
                   .environment = environment(),
                   .stop_signal = SIGQUIT};
  });
  ASSERT_TRUE(eventually(kPatience, [&] { return descendants(server.pid()).size() == 2; }));
  TcpClient before("127.0.0.1", server.port);
  EXPECT_EQ(http_get(before, "/").status, 200);
  const OwnedSocket untouched = server.accepted(before);

  std::vector<std::string> workers;
  for (const ProcessEntry& worker : descendants(server.pid())) {
    workers.push_back(std::to_string(worker.pid));
  }
  const Finished applied = apply(server, workers);
  EXPECT_EQ(count(applied.output, "LISTEN "), 1) << "shared by three: " << applied.output;
  EXPECT_TRUE(contains(applied.output, "1 changed, 0 failed; 1 connection left alone"));
  EXPECT_EQ(count(applied.output, "itself"), 0) << applied.output;
  expect_changed_listener(server);
  TcpClient after("127.0.0.1", server.port);
  EXPECT_EQ(http_get(after, "/").body, "hello\n");
  expect_all(server.accepted(after));
  EXPECT_EQ(server.accepted(before).socket.text("keepidle"), untouched.socket.text("keepidle"));

  workers.emplace_back("--established");
  apply(server, workers);
  expect_all(server.accepted(before));
  EXPECT_EQ(http_get(before, "/").body, "hello\n");
}

TEST_P(ApplyTest, RedisSetsKeepaliveItself) {
  SOCKOPT_NEEDS("redis-server");
  const Server& server = start([&](std::uint16_t port) {
    return Command{.argv = {"redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1",
                            "--save", "", "--dir", directory().path()},
                   .environment = environment()};
  });
  const auto ping = [&](TcpClient& client) {
    client.send("PING\r\n");
    EXPECT_EQ(client.receive_until("\r\n"), "+PONG\r\n");
  };
  EXPECT_TRUE(contains(apply(server, {"-n"}).output,
                       "redis-server is known to set keepidle 300s, keepintvl 100s, keepcnt 3 "
                       "itself after accept, "))
      << "idle";
  TcpClient before("127.0.0.1", server.port);
  ping(before);
  const Finished applied = apply(server);
  EXPECT_TRUE(
      contains(applied.output,
               "redis-server seems to set keepidle 300s, keepintvl 100s, keepcnt 3 itself "
               "after accept (1 of 1 connections examined), so new ones will hold that.\n"));
  expect_changed_listener(server);
  TcpClient after("127.0.0.1", server.port);
  ping(after);
  const Options own = {{"keepidle", "300s"}, {"keepintvl", "100s"}, {"keepcnt", "3"}};
  expect_all(server.accepted(after), own);
  apply(server, {"--established"});
  expect_all(server.accepted(after));
  ping(after);
}

TEST_P(ApplyTest, PostgresForksItsSessions) {
  SOCKOPT_NEEDS_POSTGRES();
  std::filesystem::permissions(directory().path(), std::filesystem::perms::all);
  const auto as_postgres = [&](std::vector<std::string> argv) {
    return Command{.argv = std::move(argv),
                   .environment = environment(),
                   .user = "postgres",
                   .stop_signal = SIGINT};
  };
  const std::string data = directory() / "data";
  const Finished made = run(as_postgres(initdb(data)));
  ASSERT_TRUE(made.success()) << made.error;
  const Server& server =
      start([&](std::uint16_t port) { return as_postgres(postgres(data, port)); });
  const auto ask = [&](const std::string& sql) { return as_postgres(psql(server.port, sql)); };
  ASSERT_TRUE(eventually(kPatience, [&] { return run(ask("SELECT 1")).success(); }));
  const Finished applied = apply(server);
  expect_changed_listener(server);
  // What the server itself reads: tcp_keepalives_idle of a session is its getsockopt.
  EXPECT_EQ(run(ask("SHOW tcp_keepalives_idle")).output, "61\n");
  EXPECT_EQ(run(ask("SHOW tcp_user_timeout")).output, "107000\n");

  undo(applied);
  EXPECT_EQ(run(ask("SHOW tcp_keepalives_idle")).output, "7200\n");
  EXPECT_EQ(run(ask("SHOW tcp_user_timeout")).output, "0\n");
}

TEST_P(ApplyTest, Python) {
  SOCKOPT_NEEDS("/usr/bin/python3");
  directory().write("html/index.html", "hello\n");
  const Server& server =
      start(Command{.argv = {"/usr/bin/python3", "-m", "http.server", "0", "--bind", "127.0.0.1"},
                    .environment = environment(),
                    .directory = directory() / "html"});
  const Finished applied = apply(server);
  expect_changed_listener(server);
  TcpClient client("127.0.0.1", server.port);
  http_begin(client, "/");
  expect_all(server.accepted(client));
  EXPECT_EQ(http_finish(client).body, "hello\n");
  undo(applied);
  EXPECT_EQ(server.listener().socket.text("keepidle"), "7200s");
  EXPECT_EQ(server.listener().socket.facts.queue_limit, 5u);
}

// No library reaches it: static, and its system calls are its own. Its listeners are MPTCP ones
// from Go 1.24 on, which take less; this one is told to be TCP.
TEST_P(ApplyTest, StaticGo) {
  SOCKOPT_NEEDS("go");
  const std::string program = build_go_server();
  ASSERT_FALSE(program.empty());
  Environment tcp = environment();
  tcp["GODEBUG"] = "multipathtcp=0";
  const Server& server = start(Command{.argv = {program}, .environment = tcp});
  const auto echo = [&](TcpClient& client) {
    client.send("hello\n");
    EXPECT_EQ(client.receive_until("\n"), "hello\n");
  };
  EXPECT_TRUE(contains(apply(server, {"-n"}).output,
                       "server is known to set keepidle 15s, keepintvl 15s itself after accept, "))
      << "idle";
  TcpClient before("127.0.0.1", server.port);
  echo(before);
  const Finished applied = apply(server);
  EXPECT_TRUE(contains(applied.output, "server seems to set keepidle 15s, keepintvl 15s itself "));
  expect_all(server.listener());  // its backlog is the longest there is already
  TcpClient after("127.0.0.1", server.port);
  echo(after);
  // Go has keepalive on every 15 s, and nodelay on.
  expect_all(server.accepted(after), {{"keepidle", "15s"}, {"keepintvl", "15s"}});
  apply(server, {"--established"});
  expect_all(server.accepted(after));
  echo(after);
}

INSTANTIATE_TEST_SUITE_P(Daemons, ApplyTest, ::testing::Values(Shim::kNone), shim_name);

}  // namespace
}  // namespace sockopt::test
