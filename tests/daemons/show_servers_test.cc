// SPDX-License-Identifier: MIT
//
// `sockopt show` on real servers, without the library and with it: what a listener and its
// connections hold, once for all the processes that share them, and who it is that sets an option
// again.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"
#include "tests/support/servers/nginx.h"
#include "tests/support/servers/postgres.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

using Json = nlohmann::json;

class ShowTest : public DaemonTest {
 protected:
  // Every process of the server, held to what the shimmed ones were given.
  Finished show(const Server& server, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), "show");
    if (!shimmed()) more.insert(more.end(), {"-c", file_});
    Finished shown;
    // A process may end between here and there, which is said and makes another status.
    EXPECT_TRUE(eventually(kPatience,
                           [&] {
                             std::vector<std::string> arguments = more;
                             arguments.push_back(std::to_string(server.pid()));
                             for (const ProcessEntry& process : descendants(server.pid())) {
                               arguments.push_back(std::to_string(process.pid));
                             }
                             shown = sockopt(arguments);
                             return status(shown) == 0;
                           }))
        << shown.output << shown.error;
    return shown;
  }

  Json show_json(const Server& server) const {
    return Json::parse(show(server, {"--json"}).output);
  }

  // Of the only listener, and of the server's ends of connections to it.
  static Json listener(const Json& shown) {
    const auto& sockets = shown["sockets"];
    const auto is_listener = [](const Json& socket) { return socket["state"] == "LISTEN"; };
    EXPECT_EQ(std::count_if(sockets.begin(), sockets.end(), is_listener), 1) << shown;
    return *std::find_if(sockets.begin(), sockets.end(), is_listener);
  }
  static Json accepted(const Json& shown, const TcpClient& client) {
    const std::string peer = "127.0.0.1:" + std::to_string(client.local_port());
    for (const Json& socket : shown["sockets"]) {
      if (socket["peer"] == peer) return socket;
    }
    return nullptr;
  }

  // All options that were asked for are there under the library and nowhere without it, but those
  // that the program sets itself.
  void expect_judged(const Json& socket, const std::vector<std::string>& own = {}) const {
    ASSERT_TRUE(socket.is_object());
    SCOPED_TRACE(socket["local"].dump() + socket["peer"].dump());
    for (const auto& [key, _] : asked_options()) {
      if (std::count(own.begin(), own.end(), key) != 0) continue;
      EXPECT_EQ(socket["options"][key]["ok"], shimmed()) << key << socket["options"][key];
    }
  }

  void SetUp() override {
    DaemonTest::SetUp();
    std::string text = "[sockopt]\nbacklog = " + std::to_string(kAskedBacklog) + "\n";
    for (const auto& [key, value] : asked_options()) text += key + " = " + value + "\n";
    file_ = directory().write("asked.ini", text);
  }

 private:
  std::string file_;
};

TEST_P(ShowTest, NginxMasterAndWorkers) {
  SOCKOPT_NEEDS("nginx");
  const Server& server = start([&](std::uint16_t port) {
    return Command{.argv = set_up_nginx(
                       directory(), {.listen = "127.0.0.1:" + std::to_string(port), .workers = 2}),
                   .environment = environment(),
                   .stop_signal = SIGQUIT};
  });
  ASSERT_TRUE(eventually(kPatience, [&] { return descendants(server.pid()).size() == 2; }));
  std::vector<TcpClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back("127.0.0.1", server.port);
    EXPECT_EQ(http_get(clients.back(), "/").status, 200);
  }
  const Json shown = show_json(server);
  EXPECT_EQ(listener(shown)["owners"].size(), 3u) << "a master and two workers";
  EXPECT_EQ(listener(shown)["queue_max"], shimmed() ? kAskedBacklog : 511);
  expect_judged(listener(shown));
  for (const TcpClient& client : clients) {
    expect_judged(accepted(shown, client));
    EXPECT_EQ(accepted(shown, client)["owners"].size(), 1u);
  }
  const std::string table = show(server).output;
  EXPECT_EQ(count(table, "LISTEN    127.0.0.1:"), 1) << table;
  EXPECT_TRUE(contains(table, "ESTAB ×3  127.0.0.1:" + std::to_string(server.port)));
  EXPECT_EQ(count(table, "!") == 0, shimmed()) << table;
}

TEST_P(ShowTest, RedisSetsKeepaliveItself) {
  SOCKOPT_NEEDS("redis-server");
  const Server& server = start([&](std::uint16_t port) {
    return Command{.argv = {"redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1",
                            "--save", "", "--dir", directory().path()},
                   .environment = environment()};
  });
  TcpClient client("127.0.0.1", server.port);
  client.send("PING\r\n");
  EXPECT_EQ(client.receive_until("\r\n"), "+PONG\r\n");
  const Json shown = show_json(server);
  expect_judged(listener(shown));
  const Json socket = accepted(shown, client);
  expect_judged(socket, {"keepalive", "keepidle", "keepintvl", "keepcnt", "nodelay"});
  EXPECT_EQ(socket["options"]["keepidle"]["value"], 300);
  EXPECT_EQ(socket["options"]["keepidle"]["ok"], false);
  const std::string table = show(server).output;
  EXPECT_TRUE(contains(table, " 300s/100s/3! "));
  EXPECT_EQ(count(table, "(each: set by the program itself, or from outside)"), shimmed() ? 1 : 0)
      << table;
}

TEST_P(ShowTest, PostgresForksItsSessions) {
  SOCKOPT_NEEDS_POSTGRES();
  std::filesystem::permissions(directory().path(), std::filesystem::perms::all);
  // It refuses to be root, and must be able to read the library whatever user has built it.
  if (shimmed()) std::filesystem::copy_file(library(), directory() / "libsockopt.so");
  const auto as_postgres = [&](std::vector<std::string> argv) {
    Command command{.argv = std::move(argv),
                    .environment = environment(),
                    .user = "postgres",
                    .stop_signal = SIGINT};
    if (shimmed()) command.environment["LD_PRELOAD"] = directory() / "libsockopt.so";
    return command;
  };
  const std::string data = directory() / "data";
  const Finished made = run(as_postgres(initdb(data)));
  ASSERT_TRUE(made.success()) << made.error;
  const Server& server =
      start([&](std::uint16_t port) { return as_postgres(postgres(data, port)); });
  const auto ask = [&](const std::string& sql) { return as_postgres(psql(server.port, sql)); };
  ASSERT_TRUE(eventually(kPatience, [&] { return run(ask("SELECT 1")).success(); }));
  Process session(ask("SELECT pg_sleep(600)"));
  Json shown;
  ASSERT_TRUE(eventually(kPatience, [&] {
    shown = show_json(server);
    return shown["sockets"].size() == 2;
  }));
  expect_judged(listener(shown));
  EXPECT_EQ(listener(shown)["owners"].size(), 1u) << "its children close it";
  const auto connection =
      std::find_if(shown["sockets"].begin(), shown["sockets"].end(),
                   [](const Json& socket) { return socket["peer"] != nullptr; });
  EXPECT_NE((*connection)["owners"][0]["pid"], server.pid());
  expect_judged(*connection, {"keepalive", "nodelay"});
  session.stop();
}

TEST_P(ShowTest, Python) {
  SOCKOPT_NEEDS("/usr/bin/python3");
  const Server& server =
      start(Command{.argv = {"/usr/bin/python3", "-m", "http.server", "0", "--bind", "127.0.0.1"},
                    .environment = environment()});
  TcpClient client("127.0.0.1", server.port);
  Json shown;
  ASSERT_TRUE(eventually(kPatience, [&] {
    shown = show_json(server);
    return shown["sockets"].size() == 2;  // accepted by now
  }));
  expect_judged(listener(shown));
  expect_judged(accepted(shown, client));
  EXPECT_EQ(listener(shown)["queue_max"], shimmed() ? kAskedBacklog : 5);
}

// Without a library to read: what is read is the kernel's.
class ShowStaticTest : public ShowTest {};
TEST_P(ShowStaticTest, Go) {
  SOCKOPT_NEEDS("go");
  const std::string program = build_go_server();
  ASSERT_FALSE(program.empty());
  const Server& server = start(Command{.argv = {program}, .environment = environment()});
  TcpClient client("127.0.0.1", server.port);
  client.send("hello\n");
  EXPECT_EQ(client.receive_until("\n"), "hello\n");
  const Json shown = show_json(server);
  expect_judged(listener(shown));
  const Json options = accepted(shown, client)["options"];
  EXPECT_EQ(options["keepalive"]["value"], 1) << "Go has it on, every 15 s";
  EXPECT_EQ(options["keepidle"]["value"], 15);
  EXPECT_EQ(options["keepidle"]["ok"], false);
  EXPECT_EQ(options["nodelay"]["value"], 1);
  EXPECT_TRUE(contains(show(server).output, " 15s/15s/9! "));
}

SOCKOPT_DAEMON_TEST(ShowTest);
INSTANTIATE_TEST_SUITE_P(Daemons, ShowStaticTest, ::testing::Values(Shim::kNone), shim_name);

}  // namespace
}  // namespace sockopt::test
