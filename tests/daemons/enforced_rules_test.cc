// SPDX-License-Identifier: MIT
//
// Real servers that set options themselves, under a rule for their port: with `enforce` the
// policy's values are read back from outside, without it the server's own.
#include <gtest/gtest.h>

#include <iostream>
#include <memory>

#include "tests/support/eventually.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"
#include "tests/support/servers/http.h"
#include "tests/support/servers/nginx.h"
#include "tests/support/servers/postgres.h"
#include "tests/support/servers/process_tree_sockets.h"

namespace sockopt::test {
namespace {

enum class Rule { kNone, kLenient, kEnforced };

std::string rule_name(const ::testing::TestParamInfo<Rule>& info) {
  constexpr const char* kNames[] = {"WithoutShim", "Lenient", "Enforced"};
  return kNames[static_cast<int>(info.param)];
}

class EnforcedDaemon : public ::testing::TestWithParam<Rule> {
 protected:
  // Starts what listens on the port that it is told, under a rule for that port: keepalive, and in
  // `more` other settings. `listen` is what is before the port in the rule's address.
  void start(const std::function<Command(std::uint16_t)>& command, const std::string& program,
             const std::string& more, const std::string& listen = "127.0.0.1:") {
    for (int attempt = 0; attempt < 5 && port_ == 0; ++attempt) {
      const std::uint16_t port = free_port();
      write_rules(program, listen + std::to_string(port), more);
      launch(with_rules(command(port)), port);
    }
    ASSERT_NE(port_, 0) << process_->error();
  }

  // Starts what lets the kernel choose its port: under a rule for every port of the address.
  void start_anywhere(const Command& command, const std::string& program, const std::string& more) {
    write_rules(program, "127.0.0.1", more);
    launch(with_rules(command), 0);
    ASSERT_NE(port_, 0) << process_->error();
  }

  Command with_rules(Command command) const {
    if (GetParam() == Rule::kNone) return command;
    for (const auto& [name, value] :
         shim_environment({{"SOCKOPT_CONFIG", directory_ / "sockopt.ini"}})) {
      command.environment[name] = value;
    }
    // Whatever user it runs as must be able to read it.
    command.environment["LD_PRELOAD"] = directory_ / "libsockopt.so";
    return command;
  }

  // The server's end of this connection.
  SocketSnapshot accepted(const TcpClient& client) const {
    return await_socket(process_->pid(), accepted_from(client)).socket;
  }
  SocketSnapshot listener() const {
    return await_socket(process_->pid(), listening_on(port_)).socket;
  }

  // The policy's under enforce, otherwise the server's own.
  static std::string own_or(const std::string& own, const std::string& policys) {
    return GetParam() == Rule::kEnforced ? policys : own;
  }
  // The policy's, but what is there without the library.
  static std::string usual_or(const std::string& usual, const std::string& policys) {
    return GetParam() == Rule::kNone ? usual : policys;
  }

  void SetUp() override {
    std::filesystem::copy_file(library(), directory_ / "libsockopt.so");
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
  }

  void TearDown() override {
    if (!process_) return;
    process_->stop();
    EXPECT_EQ(process_->error().find("sockopt["), std::string::npos) << process_->error();
    if (HasFailure()) std::cout << process_->output() << process_->error();
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Process> process_;
  std::uint16_t port_ = 0;

 private:
  void write_rules(const std::string& program, const std::string& listen, const std::string& more) {
    const std::string conditions = "program = " + program + "\nlisten = " + listen + "\n";
    directory_.write("sockopt.ini",
                     "[rule server]\n" + conditions + "keepalive = on\nkeepidle = 61s\n" +
                         "keepintvl = 11s\nkeepcnt = 4\n" + more +
                         (GetParam() == Rule::kEnforced ? "enforce = yes\n" : "") +
                         "[rule elsewhere]\nlisten = 127.9.9.9\nenforce = yes\nkeepidle = 5s\n");
  }

  void launch(const Command& command, std::uint16_t port) {
    process_ = std::make_unique<Process>(command);
    std::optional<OwnedSocket> found;
    eventually(kPatience, [&] {
      found = find_socket(process_->pid(), [port](const OwnedSocket& owned) {
        return owned.socket.facts.listening && (port == 0 || owned.socket.facts.local.port == port);
      });
      return found || !process_->running();
    });
    if (found) port_ = found->socket.facts.local.port;
  }
};

// redis sets keepidle 300, keepintvl 100 and keepcnt 3, and nodelay, on each connection.
TEST_P(EnforcedDaemon, Redis) {
  SOCKOPT_NEEDS("/usr/bin/redis-server");
  start(
      [&](std::uint16_t port) {
        return Command{.argv = {"redis-server", "--port", std::to_string(port), "--bind",
                                "127.0.0.1", "--save", "", "--dir", directory_.path()}};
      },
      "redis*", "nodelay = off\nbacklog = 100\n");
  TcpClient client("127.0.0.1", port_);
  client.send("PING\r\n");
  EXPECT_EQ(client.receive_until("\r\n"), "+PONG\r\n");
  const SocketSnapshot connection = accepted(client);
  EXPECT_EQ(connection.text("keepalive"), "on");
  EXPECT_EQ(connection.text("keepidle"), own_or("300s", "61s"));
  EXPECT_EQ(connection.text("keepintvl"), own_or("100s", "11s"));
  EXPECT_EQ(connection.text("keepcnt"), own_or("3", "4"));
  EXPECT_EQ(connection.text("nodelay"), own_or("on", "off"));
  EXPECT_EQ(listener().text("keepidle"), usual_or("7200s", "61s"));
  EXPECT_EQ(listener().facts.queue_limit, GetParam() == Rule::kEnforced ? 100u : 511u)
      << "raised only, unless enforced";
}

// nginx sets keepalive on the listener after listen, and nodelay on each connection it keeps.
TEST_P(EnforcedDaemon, Nginx) {
  SOCKOPT_NEEDS("/usr/sbin/nginx");
  start(
      [&](std::uint16_t port) {
        return Command{
            .argv = set_up_nginx(directory_, {.listen = "127.0.0.1:" + std::to_string(port) +
                                                        " so_keepalive=300:100:3",
                                              .http = "tcp_nodelay on;"}),
            .stop_signal = SIGQUIT};
      },
      "nginx", "nodelay = off\n");
  // It sets this one last. A client that comes before has what the listener had.
  ASSERT_TRUE(
      eventually(kPatience, [&] { return listener().text("keepcnt") == own_or("3", "4"); }));
  TcpClient client("127.0.0.1", port_);
  EXPECT_EQ(http_get(client, "/").body, "hello\n");
  for (const SocketSnapshot& socket : {accepted(client), listener()}) {
    EXPECT_EQ(socket.text("keepalive"), "on");
    EXPECT_EQ(socket.text("keepidle"), own_or("300s", "61s"));
    EXPECT_EQ(socket.text("keepintvl"), own_or("100s", "11s"));
    EXPECT_EQ(socket.text("keepcnt"), own_or("3", "4"));
  }
  // nginx sets it only once it has answered and keeps the connection.
  EXPECT_TRUE(eventually(kPatience, [&] {
    return accepted(client).text("nodelay") == own_or("on", "off");
  })) << accepted(client).text("nodelay");
}

// PostgreSQL sets them before it forks the process that serves the connection.
class EnforcedPostgres : public EnforcedDaemon {
 protected:
  Command as_postgres(std::vector<std::string> argv) const {
    return {.argv = std::move(argv), .user = "postgres", .stop_signal = SIGINT};
  }

  void serve(const std::string& address, const std::string& rule_address) {
    const Finished made = run(as_postgres(initdb(directory_ / "data")));
    ASSERT_TRUE(made.success()) << made.output << made.error;
    start(
        [&](std::uint16_t port) {
          return as_postgres(postgres(directory_ / "data", port, address,
                                      {"tcp_keepalives_idle=300", "tcp_keepalives_interval=100",
                                       "tcp_keepalives_count=3"}));
        },
        "postgres", "", rule_address);
    ASSERT_TRUE(
        eventually(kPatience, [&] { return run(as_postgres(psql(port_, "SELECT 1"))).success(); }));
    const Process session(as_postgres(psql(port_, "SELECT pg_sleep(600)")));
    const auto client = await_socket(session.pid(), connected_to(port_));
    const SocketSnapshot connection = await_socket(process_->pid(), [&](const OwnedSocket& owned) {
                                        return owned.socket.facts.peer == client.socket.facts.local;
                                      }).socket;
    const auto settled = [&] {
      return await_socket(process_->pid(),
                          [&](const OwnedSocket& owned) {
                            return owned.socket.facts.cookie == connection.facts.cookie;
                          })
          .socket;
    };
    // It sets them a moment after it has accepted.
    EXPECT_TRUE(
        eventually(kPatience, [&] { return settled().text("keepcnt") == own_or("3", "4"); }));
    EXPECT_EQ(settled().text("keepalive"), "on");
    EXPECT_EQ(settled().text("keepidle"), own_or("300s", "61s"));
    EXPECT_EQ(settled().text("keepintvl"), own_or("100s", "11s"));
    EXPECT_EQ(listener().text("keepidle"), usual_or("7200s", "61s"));
  }
};

TEST_P(EnforcedPostgres, OnOneAddress) {
  SOCKOPT_NEEDS_POSTGRES();
  serve("127.0.0.1", "127.0.0.1:");
}

TEST_P(EnforcedPostgres, OnTheWildcard) {
  SOCKOPT_NEEDS_POSTGRES();
  serve("0.0.0.0", "0.0.0.0:");
}

// Node sets keepalive and its idle time; libuv adds an interval and a count of its own.
TEST_P(EnforcedDaemon, Node) {
  SOCKOPT_NEEDS("/usr/bin/node");
  start_anywhere({.argv = {"/usr/bin/node",
                           source_directory() / "tests/daemons/servers/keep_alive_server.js"}},
                 "keep_alive_server.js", "nodelay = off\n");
  TcpClient client("127.0.0.1", port_);
  EXPECT_EQ(client.receive_until("\n"), "ready\n");
  const SocketSnapshot connection = accepted(client);
  EXPECT_EQ(connection.text("keepalive"), "on");
  EXPECT_EQ(connection.text("keepidle"), own_or("300s", "61s"));
  EXPECT_EQ(connection.text("nodelay"), own_or("on", "off"));
  EXPECT_EQ(listener().text("keepidle"), usual_or("7200s", "61s"));
  if (GetParam() == Rule::kEnforced) {
    EXPECT_EQ(connection.text("keepintvl"), "11s");
    EXPECT_EQ(connection.text("keepcnt"), "4");
  }
}

INSTANTIATE_TEST_SUITE_P(, EnforcedDaemon,
                         ::testing::Values(Rule::kNone, Rule::kLenient, Rule::kEnforced),
                         rule_name);
INSTANTIATE_TEST_SUITE_P(, EnforcedPostgres,
                         ::testing::Values(Rule::kNone, Rule::kLenient, Rule::kEnforced),
                         rule_name);

}  // namespace
}  // namespace sockopt::test
