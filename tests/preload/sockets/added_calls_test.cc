// SPDX-License-Identifier: MIT
//
// What is added to a connection, in system calls, counted by strace: to accept on a prepared
// listener, nothing, however many inheritable options are asked for.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <map>

#include "shim/options/table.h"
#include "shim/text/text.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tests/support/strace.h"
#include "tests/support/tcp_client.h"

namespace sockopt::test {
namespace {

// Every option that an accepted socket inherits, with the table's own example.
Environment all_inheritable() {
  Environment settings;
  for (const Row& row : kRows) {
    const std::string_view key = row.option.key;
    if (row.option.inheritance == Inheritance::kPerSocket || key == "bindtodevice" ||
        key == "defer_accept" || key == "v6only" || key == "mptcp") {
      continue;
    }
    std::string name(key);
    for (char& c : name) c = to_upper(c);
    settings[name] = row.manual.example;
  }
  return settings;
}

Script accepting(int count, const std::string& client = "client c l") {
  Script script = "listener l 16; mark";
  for (int i = 0; i < count; ++i) {
    script.push_back(client);
    script.push_back(i % 2 == 0 ? "accept a" + std::to_string(i) + " l"
                                : "accept4 a" + std::to_string(i) + " l cloexec null");
  }
  script.push_back("mark");
  return script;
}

TEST(CostTest, AcceptAddsNothing) {
  SOCKOPT_NEEDS_STRACE();
  const Traced with =
      trace(accepting(50) + "get a49 TCP_KEEPIDLE = 60", variables(all_inheritable()));
  EXPECT_EQ(with.calls, std::vector<std::string>{});
}

// The kernel is asked whether the connection is one of TCP at all: SO_PRIORITY succeeds on every
// socket.
TEST(CostTest, PriorityIsOneCallAndAQuestion) {
  SOCKOPT_NEEDS_STRACE();
  Environment settings = all_inheritable();
  settings["PRIORITY"] = "4";
  const Traced with = trace(accepting(20), variables(settings));
  const auto count = [&with](std::string_view name) {
    return std::count_if(with.calls.begin(), with.calls.end(),
                         [name](const std::string& call) { return call.find(name) != call.npos; });
  };
  EXPECT_EQ(count("SO_PRIORITY"), 20);
  EXPECT_EQ(count("SO_PROTOCOL"), 20);
  EXPECT_EQ(with.calls.size(), 40u);
}

TEST(CostTest, MptcpListenerWithOptionsThatEveryConnectionInheritsIsFree) {
  SOCKOPT_NEEDS_STRACE();
  SOCKOPT_NEEDS_MPTCP();
  Script script = accepting(10);
  script[0] = "socket l inet stream mptcp";
  const Traced with = trace(script, variables({{"KEEPIDLE", "60s"}, {"NODELAY", "on"}}));
  EXPECT_EQ(with.calls, std::vector<std::string>{});
}

TEST(CostTest, ConnectPolledAgainIsAQuestion) {
  SOCKOPT_NEEDS_STRACE();
  // 198.51.100.1 is for documentation; whether it is unreachable or never answers is all the same.
  const Script script =
      "socket s inet stream|nonblock; connect s 198.51.100.1:80; mark; "
      "connect s 198.51.100.1:80; connect s 198.51.100.1:80; "
      "connect s 198.51.100.1:80; mark";
  EXPECT_EQ(trace(script, variables({{"KEEPIDLE", "60s"}})).calls, std::vector<std::string>{});
  // Where something is set at connect: whether the number still has the same socket.
  const Traced with = trace(script, variables({{"FASTOPEN_CONNECT", "on"}, {"KEEPIDLE", "60s"}}));
  for (const std::string& call : with.calls)
    EXPECT_TRUE(call.starts_with("getsockopt(3, SOL_TCP, TCP_INFO"));
  EXPECT_EQ(with.calls.size(), 3U);
  // Again for another address: decided anew.
  const Traced another = trace(
      "socket s inet stream|nonblock; connect s 127.0.0.1:1; mark; "
      "connect s 127.0.0.1:2; mark",
      variables({{"FASTOPEN_CONNECT", "on"}}));
  EXPECT_EQ(another.calls.size(), 1u);
}

TEST(CostTest, NothingAskedForIsNothingDone) {
  SOCKOPT_NEEDS_STRACE();
  const Script whole = "mark; listener l; client c l; accept a l; socket s inet; connect s l; mark";
  for (const Environment& environment :
       {shim_environment(), variables({{"DISABLE", "1"}, {"KEEPIDLE", "61s"}}),
        variables({{"KEEPIDLE", ""}}), variables({{"KEEPIDLE", "default"}})}) {
    EXPECT_EQ(trace(whole, environment).calls, trace(whole, plain_environment()).calls);
  }
}

TEST(CostTest, EachOptionIsSetOnce) {
  SOCKOPT_NEEDS_STRACE();
  const Traced with = trace("mark; listener l; mark",
                            variables({{"KEEPALIVE", "on"}, {"KEEPIDLE", "60s"}, {"TOS", "0x10"}}));
  std::vector<std::string> sets;
  for (const std::string& call : with.calls) {
    if (call.starts_with("setsockopt")) sets.push_back(call);
  }
  EXPECT_EQ(sets.size(), 3u);
}

// A server with loops, threads and processes of its own.
class DemoServerCost : public ::testing::TestWithParam<const char*> {
 protected:
  static std::map<std::string, int> counts(const Environment& environment) {
    constexpr int kConnections = 50;
    const TemporaryDirectory directory;
    Process process(under_strace(
        {.argv = {build_directory() / "demo_server", "--mode", GetParam(), "--backlog", "64",
                  "--report"},
         .environment = environment},
        directory / "trace", {"-e", "trace=setsockopt,getsockopt,accept,accept4,listen,fcntl"}));
    const auto ready = [&] { return process.output().find("\"ready\"") != std::string::npos; };
    EXPECT_TRUE(eventually(kPatience, ready)) << process.error();
    const std::string output = process.output();
    const auto at = output.find("\"port\":");
    const auto port = static_cast<std::uint16_t>(std::stoi(output.substr(at + 7)));
    const std::size_t before = read_file(directory / "trace").size();
    for (int i = 0; i < kConnections; ++i) {
      TcpClient client("127.0.0.1", port);
      client.send("hello\n");
      EXPECT_EQ(client.receive_until("\n"), "hello\n");
    }
    const std::string trace = read_file(directory / "trace").substr(before);
    std::map<std::string, int> result;
    for (const char* call : {"setsockopt(", "getsockopt(", "listen("}) {
      result[call] = occurrences(trace, call);
    }
    EXPECT_EQ(occurrences(process.output(), "\"accepted\""), kConnections);
    EXPECT_GE(occurrences(trace, "accept"), kConnections);
    kill_traced(output);
    EXPECT_TRUE(process.wait());
    return result;
  }

 private:
  // strace would leave its server behind if it were ended itself.
  static void kill_traced(const std::string& ready) {
    const auto at = ready.find("\"pid\":");
    kill(std::stoi(ready.substr(at + 6)), SIGTERM);
  }
};

TEST_P(DemoServerCost, ConnectionsMakeTheSameCalls) {
  SOCKOPT_NEEDS_STRACE();
  const auto without = counts(plain_environment());
  EXPECT_EQ(counts(variables(all_inheritable())), without);
}

INSTANTIATE_TEST_SUITE_P(, DemoServerCost, ::testing::Values("single", "threads", "fork"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace sockopt::test
