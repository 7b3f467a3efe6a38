// SPDX-License-Identifier: MIT
//
// The system calls that a socket costs, one by one: what has to be known of it, one read and, where
// it differs, one write and another read for each option. Whatever else the command does, it does
// while it holds no duplicate.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

using Calls = std::vector<std::string>;

// `getsockopt(7, SOL_TCP, TCP_INFO, ...) = 0` as `get TCP_INFO`.
std::string short_form(const std::string& line) {
  const auto paren = line.find('(');
  const std::string name = line.substr(0, paren);
  const bool get = name == "getsockopt";
  if (!get && name != "setsockopt") return name == "newfstatat" ? "fstat" : name;
  std::istringstream arguments(line.substr(paren + 1));
  std::string option;
  for (int i = 0; i < 3; ++i) std::getline(arguments >> std::ws, option, ',');
  return (get ? "get " : "set ") + option;
}

// The calls between each duplicate's making and its end, duplicate by duplicate.
std::vector<Calls> calls_of_sockets(std::vector<std::string> arguments) {
  const TemporaryDirectory directory;
  arguments.insert(arguments.begin(), "apply");
  Command traced = command(std::move(arguments));
  traced.argv.insert(traced.argv.begin(),
                     {"strace", "-f", "-qq", "-e", "signal=none", "-o", directory / "trace"});
  traced.environment["ASAN_OPTIONS"] = "detect_leaks=0";  // which cannot be done under ptrace
  const Finished finished = run(traced);
  EXPECT_EQ(status(finished), 0) << finished.error;
  std::vector<Calls> all;
  std::string held;
  std::istringstream trace(read_file(directory / "trace"));
  for (std::string line; std::getline(trace, line);) {
    line = line.substr(line.find_first_not_of("0123456789 "));
    if (line.starts_with("pidfd_getfd(")) {
      held = line.substr(line.rfind(' ') + 1);
      all.emplace_back();
    } else if (!held.empty() && line.starts_with("close(" + held + ")")) {
      held.clear();
    } else if (!held.empty()) {
      all.back().push_back(short_form(line));
    }
  }
  return all;
}

const Calls kListener = {"get SO_PROTOCOL", "get TCP_INFO",        "getsockname",   "fstat",
                         "get SO_COOKIE",   "get SO_NETNS_COOKIE", "get SO_MEMINFO"};
const Calls kConnection = {"get SO_PROTOCOL", "get TCP_INFO",        "getsockname", "fstat",
                           "get SO_COOKIE",   "get SO_NETNS_COOKIE", "getpeername"};

Calls operator+(Calls first, const Calls& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

class Cost : public ::testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_STRACE(); }
};

TEST_F(Cost, OfAListener) {
  SOCKOPT_NEEDS_NO_SANITIZER();
  const DemoServer server({"--backlog", "5"});
  const std::vector<std::string> arguments = {"-o", "keepidle=61s", "-o", "backlog=50",
                                              server.word()};
  const Calls changed = {"get TCP_KEEPIDLE", "set TCP_KEEPIDLE",  "get TCP_KEEPIDLE",
                         "get TCP_INFO",     "get SO_ACCEPTCONN", "listen",
                         "get TCP_INFO"};
  EXPECT_EQ(calls_of_sockets(arguments), std::vector<Calls>{kListener + changed});
  EXPECT_EQ(calls_of_sockets(arguments), std::vector<Calls>{kListener + Calls{"get TCP_KEEPIDLE"}})
      << "a second time";
}

TEST_F(Cost, OfAConnection) {
  SOCKOPT_NEEDS_NO_SANITIZER();
  const Calls changed = {"get TCP_KEEPIDLE", "set TCP_KEEPIDLE", "get TCP_KEEPIDLE",
                         "get TCP_NODELAY",  "set TCP_NODELAY",  "get TCP_NODELAY"};
  // Read beforehand, in search of what the program sets itself; of a few connections only.
  const Calls sample = {"get TCP_KEEPIDLE", "get TCP_NODELAY"};
  // Asked where a time is made shorter: that ends what is half-dead only under keepalive.
  const Calls warned = {"get SO_KEEPALIVE"};
  for (const bool established : {false, true}) {
    const DemoServer server;
    TcpClient client = server.connect();
    EXPECT_EQ(DemoServer::options(client)["keepidle"], 7200);
    std::vector<std::string> arguments = {"-o", "keepidle=61s", "-o", "nodelay=on", server.word()};
    if (established) arguments.emplace_back("--established");
    EXPECT_EQ(
        calls_of_sockets(arguments),
        (std::vector<Calls>{kListener + changed,
                            kConnection + sample + (established ? changed + warned : Calls{})}));
  }
}

TEST_F(Cost, OfManyConnectionsIsThatOfOne) {
  const DemoServer server;
  std::vector<TcpClient> clients;
  constexpr std::size_t kMany = 40;
  for (std::size_t i = 0; i < kMany; ++i) {
    clients.push_back(server.connect());
    EXPECT_EQ(DemoServer::options(clients.back())["keepidle"], 7200);
  }
  const auto calls = calls_of_sockets({"--established", "-o", "keepidle=61s", server.word()});
  ASSERT_EQ(calls.size(), 1 + kMany);
  const Calls changed = {"get TCP_KEEPIDLE", "set TCP_KEEPIDLE", "get TCP_KEEPIDLE",
                         "get SO_KEEPALIVE"};
  EXPECT_EQ(calls.back(), kConnection + changed) << "the first few were asked once more";
}

}  // namespace
}  // namespace sockopt::test
