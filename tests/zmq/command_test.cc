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

TEST_F(ZmqCommand, CheckFindsRulesThatNeverWin) {
  const Finished lost =
      sockopt({"check", file("[zmq]\nlinger = 1s\nsndhwm = 5\n"
                             "[rule a]\nzmq = req\nlinger = 2s\n"
                             "[rule b]\nzmq = req, rep\nlinger = 3s\n"
                             "[rule c]\nzmq = *\nsndhwm = 6\n"
                             "[rule d]\nzmq = *\nprogram = other\nlinger = 4s\n")});
  EXPECT_TRUE(contains(lost.output,
                       ":3:1: warning: sndhwm never wins here: [rule c] sets it in line 12 for "
                       "every socket that [zmq] matches\n"));
  EXPECT_TRUE(contains(lost.output,
                       ":4:1: warning: [rule a] never wins: later sections, such as [rule b] in "
                       "line 7, set the same for every socket that it matches\n"));
  EXPECT_TRUE(contains(lost.output, ", no errors, 2 warnings\n"));
}

// A variable and -o are meant to win over a rule.
TEST_F(ZmqCommand, RunDoesNotComplainOfWhatItOverrides) {
  const std::string policy = file("[rule reqs]\nzmq = req\nreq_relaxed = on\n");
  const Finished finished =
      sockopt({"run", "-c", policy, "-o", "zmq.req_relaxed=on", "--", "true"});
  EXPECT_TRUE(finished.success()) << finished.error;
  EXPECT_FALSE(contains(finished.error, "never wins")) << finished.error;
}

TEST_F(ZmqCommand, MessagesOfTheCommandLineSayWhatAnOptionTakes) {
  const auto said = [](const std::string& option) {
    return sockopt({"run", "-o", option, "--", "true"}).error;
  };
  EXPECT_TRUE(contains(said("zmq.reconnect_ivl=-2"), ": takes 0ms..2147483647ms or -1\n"));
  EXPECT_TRUE(contains(said("zmq.tcp_keepalive=2"), ": takes on|off or -1\n"));
  EXPECT_TRUE(contains(said("zmq.heartbeat_ttl=50ms"),
                       ": libzmq counts it in tenths of a second: takes 0ms, 100ms, 200ms ...\n"));
}

// What only the library sets, and only as a socket is created.
TEST_F(ZmqCommand, WhatIsForTheLibraryIsRefusedWhereNoneComesToBe) {
  const std::string pid = std::to_string(getpid());
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"show", "-o", "zmq.linger=5s", pid},
        std::vector<std::string>{"apply", "-o", "zmq.linger=5s", pid}}) {
    const Finished refused = sockopt(words);
    EXPECT_TRUE(contains(refused.error,
                         "-o zmq.linger=5s: only libsockopt-zmq.so sets it, as the program creates "
                         "its sockets; give it to `sockopt run`\n"));
    EXPECT_EQ(status(refused), 2);
  }
  const Finished explained = sockopt({"explain", "-o", "zmq.linger=5s"});
  EXPECT_TRUE(contains(explained.error, "add --zmq TYPE"));
  EXPECT_EQ(status(explained), 2);
  const Finished applied = sockopt({"apply", "-c", file("[zmq]\nlinger = 5s\n"), pid});
  EXPECT_TRUE(contains(applied.error, "what is configured for ZeroMQ's sockets is not set"));
  EXPECT_TRUE(contains(applied.error, "no settings for TCP sockets\n"));
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
  EXPECT_EQ(sockopt({"explain", "-c", policy, "--zmq", "REQ"}).output, of_any.output);
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
  const TemporaryDirectory scripts;
  const std::string script =
      scripts.write("client.py", "import os\nprint(os.environ['LD_PRELOAD'])\n");
  const std::string of_script = file("[rule a]\nprogram = client.py\nzmq = *\nlinger = 5s\n");
  EXPECT_EQ(sockopt({"run", "-c", of_script, "--", kSystemPython, script}).output, both);
  const std::string starter =
      scripts.write("start.sh", "exec " + std::string(kSystemPython) + " " + script + "\n");
  EXPECT_EQ(sockopt({"run", "-c", of_script, "--", "sh", starter}).output, both);
  const std::string unknown =
      scripts.write("unknown.sh", "P=" + std::string(kSystemPython) + "\nexec $P " + script + "\n");
  EXPECT_EQ(sockopt({"run", "-c", of_script, "--", "sh", unknown}).output, both);
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

// A program that waits, with these sockets.
class WaitingProbe {
 public:
  WaitingProbe(std::vector<std::string> words, const Environment& environment)
      : program_(started(std::move(words), environment, input_)) {
    EXPECT_TRUE(eventually(kPatience, [&] { return program_.output().ends_with("ready\n"); }))
        << program_.output() << program_.error();
  }
  ~WaitingProbe() {
    close(input_[0]);
    close(input_[1]);
  }
  WaitingProbe(const WaitingProbe&) = delete;
  WaitingProbe& operator=(const WaitingProbe&) = delete;

  std::string pid() const { return std::to_string(program_.pid()); }

 private:
  static Command started(std::vector<std::string> words, const Environment& environment,
                         int (&input)[2]) {
    EXPECT_EQ(pipe(input), 0);
    words.insert(words.begin(), zmq_program("probe"));
    words.emplace_back("wait");
    return {.argv = std::move(words), .environment = environment, .descriptors = {{0, input[0]}}};
  }

  int input_[2] = {-1, -1};
  Process program_;
};

TEST_F(ZmqCommand, ShowNamesTheSocketsOfAProcess) {
  SOCKOPT_NEEDS_ZMQ();
  const WaitingProbe program(
      {"make", "6", "bind", "tcp://127.0.0.1:*", "bind", "inproc://a", "unbind", "inproc://a",
       "make", "5", "connect", "tcp://127.0.0.1:9", "make", "1", "close", "make", "3"},
      both_environment());
  const std::string pid = program.pid();
  const Finished text = sockopt({"show", pid});
  const auto json = nlohmann::json::parse(sockopt({"show", "--json", pid}).output);
  EXPECT_TRUE(contains(text.output, "\nROUTER  probe(" + pid + ")  bound      tcp://127.0.0.1:"));
  EXPECT_TRUE(
      contains(text.output, "\nDEALER  probe(" + pid + ")  connected  tcp://127.0.0.1:9\n"));
  EXPECT_TRUE(contains(text.output, "\nREQ     probe(" + pid + ")  -          -\n"));
  EXPECT_EQ(count(text.output, "inproc"), 0) << text.output;
  EXPECT_TRUE(contains(text.output, "; no policy is configured.\n"));
  const auto& sockets = json["zmq"];
  ASSERT_EQ(sockets.size(), 3U) << sockets;
  const auto router = std::find_if(sockets.begin(), sockets.end(),
                                   [](const auto& one) { return one["type"] == "router"; });
  ASSERT_NE(router, sockets.end());
  EXPECT_EQ((*router)["endpoints"].size(), 1U);
  EXPECT_EQ((*router)["endpoints"][0]["use"], "bound");
}

TEST_F(ZmqCommand, ShowAndDoctorKnowAPolicyForZeroMqAlone) {
  SOCKOPT_NEEDS_ZMQ();
  const std::string policy = file("[zmq]\nlinger = 5s\n");
  const WaitingProbe with({"make", "6", "bind", "tcp://127.0.0.1:*"},
                          both_environment({{"SOCKOPT_CONFIG", policy}}));
  EXPECT_TRUE(contains(sockopt({"show", with.pid()}).output,
                       "; no policy is configured for TCP sockets.\n"));
  const std::string report = sockopt({"doctor", with.pid()}, {{"SOCKOPT_CONFIG", policy}}).output;
  EXPECT_TRUE(contains(report, "libsockopt-zmq.so is loaded: 1 setting, 1 ZeroMQ socket"));
  EXPECT_TRUE(contains(report,
                       "what is configured is for ZeroMQ's sockets, so libsockopt.so does "
                       "nothing"));
  EXPECT_EQ(count(report, "no option is configured"), 0) << report;
}

TEST_F(ZmqCommand, DoctorFindsALibraryThatIsMissing) {
  SOCKOPT_NEEDS_ZMQ();
  const Environment policy = {{"SOCKOPT_CONFIG", file("[zmq]\nlinger = 5s\n")}};
  const WaitingProbe without({"make", "6"}, plain_environment());
  EXPECT_TRUE(contains(sockopt({"doctor", without.pid()}, policy).output,
                       "it uses libzmq, and libsockopt-zmq.so is not loaded"));
  const WaitingProbe alone({"make", "6"}, zmq_environment(policy));
  const std::string report = sockopt({"doctor", alone.pid()}, policy).output;
  EXPECT_TRUE(contains(report, "without libsockopt.so, its TCP sockets are left alone"));
  EXPECT_EQ(count(report, "replaced on the way"), 0) << report;
  EXPECT_TRUE(contains(sockopt({"doctor", "--", zmq_program("probe")}, policy).output,
                       "1 setting for its ZeroMQ sockets; `sockopt run` adds libsockopt-zmq.so"));
  const std::string host = sockopt({"doctor"}, policy).output;
  EXPECT_EQ(count(host, "no option is configured"), 0) << host;
}

// Without the library nothing tells of them.
TEST_F(ZmqCommand, ShowHasNothingToSayOfOthers) {
  const auto json =
      nlohmann::json::parse(sockopt({"show", "--json", std::to_string(getpid())}).output);
  EXPECT_EQ(json["zmq"], nlohmann::json::array());
}

}  // namespace
}  // namespace sockopt::test
