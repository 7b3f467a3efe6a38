// SPDX-License-Identifier: MIT
//
// The command and ZeroMQ: check, explain, options, run and show.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "shim/zmq/table.h"
#include "tests/support/paths.h"
#include "tests/support/sockopt_command.h"
#include "tests/zmq/zmq_library.h"

namespace sockopt::test {
namespace {

constexpr char kZmqFile[] =
    "[sockopt]\nkeepalive = on\n"
    "[zmq]\nlinger = 5s\ntcp_keepalive = -1\n"
    "[rule a]\nprogram = broker\nzmq = req\nlinger = 7s\nreq_relaxed = on\nreq_correlate = on\n"
    "enforce = yes\n";

class ZmqCommand : public testing::Test {
 protected:
  std::string file(const std::string& text) const { return directory_.write("sockopt.ini", text); }
  std::string path() const { return directory_ / "sockopt.ini"; }

 private:
  TemporaryDirectory directory_;
};

TEST_F(ZmqCommand, CheckReadsBothParts) {
  const Finished good = sockopt({"check", "--strict", file(kZmqFile)});
  EXPECT_EQ(good.output, path() + ": 6 settings, no errors\n");
  EXPECT_EQ(status(good), 0);
  const Finished bad = sockopt({"check", file("[zmq]\nlingre = 5s\n[sockopt]\nkeepidel = 5s\n")});
  EXPECT_TRUE(contains(bad.output, path() +
                                       ":2:1: error: unknown ZeroMQ option `lingre`; did you mean "
                                       "`linger`?\n    2 | lingre = 5s\n"));
  EXPECT_TRUE(contains(bad.output, ": no settings, 2 errors\n"));
  EXPECT_EQ(status(bad), 1);
}

// A file with a setting that draws the warning, and one with what makes it harmless.
TEST_F(ZmqCommand, CheckWarnsOfWhatHurts) {
  struct {
    const char* setting;
    const char* warning;
    const char* better;
  } const kRows[] = {
      {"req_relaxed = on", "a late reply is taken for the reply to the next request",
       "req_relaxed = on\nreq_correlate = on"},
      {"heartbeat_timeout = 5s", "no heartbeat is sent",
       "heartbeat_timeout = 5s\nheartbeat_ivl = 2s"},
      {"heartbeat_ttl = 5s", "no heartbeat is sent", "heartbeat_ttl = 5s\nheartbeat_ivl = 2s"},
      {"tcp_keepalive_idle = 60s", "does nothing without tcp_keepalive",
       "tcp_keepalive_idle = 60s\ntcp_keepalive = on"},
      {"tcp_keepalive_cnt = 3", "does nothing without tcp_keepalive",
       "tcp_keepalive_cnt = 3\ntcp_keepalive = on"},
      {"tcp_keepalive_intvl = 3s", "does nothing without tcp_keepalive",
       "tcp_keepalive_intvl = 3s\ntcp_keepalive = on"},
      {"linger = 0ms", "is lost", "linger = 5s"},
      {"sndhwm = 0", "grows without limit", "sndhwm = 10"},
      {"rcvhwm = 0", "grows without limit", "rcvhwm = 10"},
      {"reconnect_ivl = -1", "is never made again", "reconnect_ivl = 1s"},
  };
  for (const auto& row : kRows) {
    const Finished warned =
        sockopt({"check", "--strict", file(std::string("[zmq]\n") + row.setting + "\n")});
    EXPECT_TRUE(contains(warned.output, row.warning)) << row.setting;
    EXPECT_EQ(status(warned), 1) << row.setting;
    const Finished silent =
        sockopt({"check", "--strict", file(std::string("[zmq]\n") + row.better + "\n")});
    EXPECT_EQ(status(silent), 0) << silent.output;
  }
}

TEST_F(ZmqCommand, ExplainSaysWhatASocketGetsAndWhy) {
  const std::string policy = file(kZmqFile);
  const Finished of_broker =
      sockopt({"explain", "-c", policy, "--program", "broker", "--zmq", "req"});
  EXPECT_TRUE(
      contains(of_broker.output, "linger         7s     sockopt.ini:9 [a]   5s sockopt.ini:4\n"));
  EXPECT_TRUE(contains(of_broker.output,
                       "enforced, whatever the program sets: req_relaxed, "
                       "req_correlate, linger\n"));
  EXPECT_TRUE(contains(of_broker.output, "the program's own value wins: tcp_keepalive\n"));
  const Finished of_any = sockopt({"explain", "-c", policy, "--zmq", "req"});
  EXPECT_TRUE(
      contains(of_any.output, "linger         5s     sockopt.ini:4  libzmq -1 (for ever)\n"));
  EXPECT_EQ(status(sockopt({"explain", "--zmq", "nonsense"})), 2);
  EXPECT_EQ(status(sockopt({"explain", "--zmq", "req", "--listen", "80"})), 2);
  const auto json = nlohmann::json::parse(
      sockopt({"explain", "-c", policy, "--program", "broker", "--zmq", "req", "--json"}).output);
  EXPECT_EQ(json["zmq"], "req");
  EXPECT_EQ(json["options"]["linger"]["value"], 7000);
  EXPECT_EQ(json["options"]["linger"]["enforced"], true);
  EXPECT_EQ(json["options"]["linger"]["overrides"][0]["from"], "sockopt.ini:4");
}

TEST_F(ZmqCommand, OptionsListsTheTable) {
  const std::string listed = sockopt({"options"}).output;
  const auto json = nlohmann::json::parse(sockopt({"options", "--json"}).output);
  ASSERT_EQ(json["zmq"].size(), zmq::kOptionCount);
  for (std::size_t i = 0; i < zmq::kOptionCount; ++i) {
    const std::string key(zmq::kRows[i].option.key.view());
    EXPECT_TRUE(contains(listed, "\nzmq." + key + " ")) << key;
    EXPECT_EQ(json["zmq"][i]["key"], key);
  }
  const Finished one = sockopt({"options", "zmq.linger"});
  EXPECT_TRUE(contains(one.output, "zmq.linger (ZMQ_LINGER): "));
  EXPECT_TRUE(contains(one.output, "  variable    SOCKOPT_ZMQ_LINGER\n"));
  const Finished wrong = sockopt({"options", "zmq.lingre"});
  EXPECT_TRUE(contains(wrong.error, "did you mean `linger`?"));
  EXPECT_EQ(status(wrong), 2);
}

TEST_F(ZmqCommand, RunAddsTheLibraryWhereItIsNeeded) {
  const std::string both = library().string() + ":" + zmq_library().string() + "\n";
  const auto preload = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--", "printenv", "LD_PRELOAD"});
    return sockopt(std::move(arguments)).output;
  };
  EXPECT_EQ(preload({"-o", "keepalive=on"}), library().string() + "\n");
  EXPECT_EQ(preload({"-o", "zmq.linger=5s"}), both);
  EXPECT_EQ(preload({"-c", file("[rule a]\nprogram = other\nzmq = *\nlinger = 5s\n")}),
            library().string() + "\n");
  EXPECT_EQ(preload({"-c", file("[rule a]\nprogram = printenv\nzmq = *\nlinger = 5s\n")}), both);
  const Finished faulty = sockopt({"run", "-o", "zmq.lingre=5s", "--", "true"});
  EXPECT_TRUE(contains(faulty.error, "unknown ZeroMQ option `lingre`"));
  EXPECT_EQ(status(faulty), 125);
}

TEST_F(ZmqCommand, RunSetsTheOptionsOfAProgramOnLibzmq) {
  SOCKOPT_NEEDS_ZMQ();
  const std::string probe = zmq_program("probe");
  const Finished set = sockopt(
      {"run", "-o", "zmq.linger=1234ms", "-o", "log=debug", "--", probe, "make", "5", "get", "17"});
  EXPECT_TRUE(contains(set.output, "get: 0 1234\n")) << set.error;
  EXPECT_TRUE(contains(set.error, "linger = 1234ms (-o zmq.linger)"));
  // Linked with libzmq: without a setting it can be shown.
  const Finished linked = sockopt({"run", "-o", "log=debug", "--", probe, "make", "5"});
  EXPECT_TRUE(contains(linked.error, "ZeroMQ DEALER socket created")) << linked.error;
}

TEST_F(ZmqCommand, ShowNamesTheSocketsOfAProcess) {
  SOCKOPT_NEEDS_ZMQ();
  int input[2];
  ASSERT_EQ(pipe(input), 0);
  Process program({.argv = {zmq_program("probe"), "make", "6", "bind", "tcp://127.0.0.1:*", "bind",
                            "inproc://a", "unbind", "inproc://a", "make", "5", "connect",
                            "tcp://127.0.0.1:9", "make", "1", "close", "make", "3", "wait"},
                   .environment = both_environment(),
                   .descriptors = {{0, input[0]}}});
  ASSERT_TRUE(eventually(kPatience, [&] { return program.output().ends_with("ready\n"); }))
      << program.output() << program.error();
  const std::string pid = std::to_string(program.pid());
  const Finished text = sockopt({"show", pid});
  const auto json = nlohmann::json::parse(sockopt({"show", "--json", pid}).output);
  close(input[0]);
  close(input[1]);
  EXPECT_TRUE(contains(text.output, "\nROUTER  probe(" + pid + ")  bound      tcp://127.0.0.1:"));
  EXPECT_TRUE(
      contains(text.output, "\nDEALER  probe(" + pid + ")  connected  tcp://127.0.0.1:9\n"));
  EXPECT_TRUE(contains(text.output, "\nREQ     probe(" + pid + ")  -          -\n"));
  EXPECT_EQ(count(text.output, "inproc"), 0) << text.output;
  const auto& sockets = json["zmq"];
  ASSERT_EQ(sockets.size(), 3U) << sockets;
  const auto router = std::find_if(sockets.begin(), sockets.end(),
                                   [](const auto& one) { return one["type"] == "router"; });
  ASSERT_NE(router, sockets.end());
  EXPECT_EQ((*router)["endpoints"].size(), 1U);
  EXPECT_EQ((*router)["endpoints"][0]["use"], "bound");
}

// Without the library nothing tells of them.
TEST_F(ZmqCommand, ShowHasNothingToSayOfOthers) {
  const auto json =
      nlohmann::json::parse(sockopt({"show", "--json", std::to_string(getpid())}).output);
  EXPECT_EQ(json["zmq"], nlohmann::json::array());
}

}  // namespace
}  // namespace sockopt::test
