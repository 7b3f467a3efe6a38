// SPDX-License-Identifier: MIT
#include "tests/support/servers/daemon_test.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "shim/options/lookup.h"
#include "shim/options/value.h"
#include "tests/support/paths.h"

namespace sockopt::test {
namespace {

std::string variable_of(const std::string& key) {
  std::string name = "SOCKOPT_" + key;
  std::transform(name.begin(), name.end(), name.begin(), to_upper);
  return name;
}

const char* name_of(Shim shim) {
  constexpr const char* kNames[] = {"without", "variables", "file"};
  return kNames[static_cast<int>(shim)];
}

constexpr int kAttempts = 5;

}  // namespace

std::string canonical(const std::string& key, const std::string& text) {
  const Option& option = kOptions.at(find_option(key));
  Value value{};
  TextOf<200> out;
  if (!parse_value(option, text, value, out)) {
    throw std::invalid_argument(key + " = " + text + ": " + std::string(out.view()));
  }
  out.clear();
  format_value(option, value, out);
  return std::string(out.view());
}

std::string shim_name(const ::testing::TestParamInfo<Shim>& info) { return name_of(info.param); }

void PrintTo(Shim shim, std::ostream* out) { *out << name_of(shim); }

const Options& asked_options() {
  static const Options asked = {
      {"keepalive", "on"}, {"keepidle", "61s"},      {"keepintvl", "11s"},        {"keepcnt", "4"},
      {"nodelay", "on"},   {"user_timeout", "107s"}, {"notsent_lowat", "131072"},
  };
  return asked;
}

Environment DaemonTest::environment(Shim shim) const {
  switch (shim) {
    case Shim::kNone:
      return plain_environment();
    case Shim::kFile:
      return shim_environment({{"SOCKOPT_CONFIG", directory_ / "sockopt.ini"}});
    case Shim::kVariables:
      break;
  }
  Environment variables{{"SOCKOPT_BACKLOG", std::to_string(kAskedBacklog)}};
  for (const auto& [key, value] : asked_options()) variables[variable_of(key)] = value;
  return shim_environment(variables);
}

void DaemonTest::SetUp() {
  if (!shimmed()) return;
  ASSERT_TRUE(std::filesystem::exists(library())) << library() << " has not been built";
  std::string text = "[sockopt]\nbacklog = " + std::to_string(kAskedBacklog) + "\n";
  for (const auto& [key, value] : asked_options()) text += key + " = " + value + "\n";
  directory_.write("sockopt.ini", text);
}

void DaemonTest::TearDown() {
  for (auto server = servers_.rbegin(); server != servers_.rend(); ++server) {
    (*server)->process->stop();
    complaints_ += (*server)->process->error();
    if (HasFailure()) {
      std::cout << "--- output\n" << (*server)->process->output();
      std::cout << "--- error\n" << (*server)->process->error();
    }
  }
  // Nothing was wrong with the settings, so the library has nothing to say to anybody.
  EXPECT_EQ(complaints_.find("sockopt["), std::string::npos) << complaints_;
}

std::unique_ptr<Server> DaemonTest::try_start(const Command& command, std::uint16_t port) {
  auto server = std::make_unique<Server>();
  server->process = std::make_unique<Process>(command);
  std::optional<OwnedSocket> listener;
  const SocketPredicate wanted = port != 0 ? listening_on(port) : [](const OwnedSocket& owned) {
    return owned.socket.facts.listening;
  };
  eventually(kPatience, [&] {
    listener = find_socket(server->pid(), wanted);
    return listener || !server->process->running();
  });
  if (listener) server->port = listener->socket.facts.local.port;
  return server;
}

Server& DaemonTest::start(const std::function<Command(std::uint16_t)>& command) {
  std::string last_words;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::uint16_t port = free_port();
    const Command chosen = command(port);
    std::unique_ptr<Server> server = try_start(chosen, port);
    if (server->port != 0) return *servers_.emplace_back(std::move(server));
    server->process->stop();
    last_words = chosen.argv[0] + ":\n" + server->process->output() + server->process->error();
  }
  throw std::runtime_error("does not start: " + last_words);
}

Server& DaemonTest::start(const Command& command) {
  std::unique_ptr<Server> server = try_start(command, 0);
  if (server->port != 0) return *servers_.emplace_back(std::move(server));
  server->process->stop();
  throw std::runtime_error("does not start: " + command.argv[0] + ":\n" +
                           server->process->output() + server->process->error());
}

std::string DaemonTest::build_go_server() const {
  const std::string program = directory() / "server";
  Command build{.argv = {"go", "build", "-o", program,
                         source_directory() / "tests/daemons/servers/server.go"}};
  // What it compiles of Go itself is kept for the next time.
  build.environment.insert(
      {{"CGO_ENABLED", "0"}, {"GO111MODULE", "off"}, {"GOCACHE", build_directory() / "go-cache"}});
  const Finished built = run(build, Milliseconds{100'000});
  EXPECT_TRUE(built.success()) << built.error;
  return built.success() ? program : std::string();
}

Finished DaemonTest::run_client(const Command& command) {
  Finished finished = run(command);
  complaints_ += finished.error;
  return finished;
}

void DaemonTest::expect_options(const OwnedSocket& owned, const Options& own) const {
  SCOPED_TRACE(owned.socket.facts.local.text() + " -> " + owned.socket.facts.peer.text() +
               ", process " + std::to_string(owned.pid));
  for (const auto& [key, value] : own) {
    EXPECT_EQ(owned.socket.text(key), canonical(key, value)) << key << ", the program's own";
  }
  for (const auto& [key, value] : asked_options()) {
    if (own.contains(key)) continue;
    if (shimmed()) {
      EXPECT_EQ(owned.socket.text(key), canonical(key, value)) << key;
    } else {
      EXPECT_NE(owned.socket.text(key), canonical(key, value)) << key << " without the library";
    }
  }
}

void DaemonTest::expect_listener(const OwnedSocket& owned, int backlog, const Options& own) const {
  ASSERT_TRUE(owned.socket.facts.listening);
  expect_options(owned, own);
  const int wanted = shimmed() ? std::max(backlog, kAskedBacklog) : backlog;
  EXPECT_EQ(owned.socket.facts.queue_limit, static_cast<std::uint32_t>(wanted)) << "backlog";
}

void DaemonTest::expect_server(const Server& server, const TcpClient& client, int backlog,
                               const Options& own) const {
  expect_listener(server.listener(), backlog, own);
  expect_options(server.accepted(client), own);
}

}  // namespace sockopt::test
