// SPDX-License-Identifier: MIT
//
// `sockopt explain`: the setting that wins, what it overrides, where and when it is set, what that
// costs, what this host's kernel makes of it, and which rules do not apply.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

constexpr char kExplained[] =
    "[sockopt]\n"
    "keepalive = on\n"
    "keepidle = 61s\n"
    "nodelay = on\n"
    "[rule web]\n"
    "program = nginx, haproxy\n"
    "listen = 80, 443\n"
    "backlog = 16384\n"
    "keepidle = 99s\n"
    "enforce = yes\n"
    "[rule admin]\n"
    "listen = 127.0.0.1:8080\n"
    "nodelay = default\n"
    "priority = 3\n"
    "[rule database]\n"
    "connect = 192.0.2.0/24:5432\n"
    "preset = dead-peer\n"
    "tos = af21\n";

class Explain : public testing::Test {
 protected:
  Finished explain(std::vector<std::string> more, const Environment& variables = {}) {
    std::vector<std::string> arguments = {"explain", "-c",
                                          directory_.write("sockopt.ini", kExplained)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return sockopt(arguments, variables);
  }

  // The row of an option, its runs of spaces made one.
  static std::string row(const Finished& finished, const std::string& option) {
    std::istringstream lines(finished.output);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with(option + ' ')) continue;
      std::istringstream words(line);
      std::string all;
      for (std::string word; words >> word;) all += (all.empty() ? "" : " ") + word;
      return all;
    }
    return "";
  }

  TemporaryDirectory directory_;
};

TEST_F(Explain, AListenerOfAMatchingProgram) {
  const Finished finished = explain({"--program", "nginx", "--listen", "0.0.0.0:443"});
  EXPECT_EQ(status(finished), 0) << finished.error;
  EXPECT_TRUE(row(finished, "keepidle")
                  .starts_with("keepidle 99s sockopt.ini:9 [web] 61s sockopt.ini:3 listen 0"))
      << finished.output;
  EXPECT_TRUE(
      row(finished, "backlog").starts_with("backlog 16384 sockopt.ini:8 [web] program's listen 0"))
      << finished.output;
  EXPECT_TRUE(contains(finished.output, "0 extra system calls per accepted connection"));
  EXPECT_TRUE(contains(finished.output, "no match: [database] at sockopt.ini:15: connect only"));
  EXPECT_TRUE(contains(finished.output, "enforced, whatever the program sets: keepidle, backlog"));
}

TEST_F(Explain, OfTwoBacklogsTheLargerWins) {
  const std::string file =
      directory_.write("larger.ini", "[sockopt]\nkeepidle = 9s\nbacklog = 64\n");
  const Finished finished = sockopt({"explain", "-c", file, "--listen", "0.0.0.0:443"}, {});
  EXPECT_TRUE(contains(finished.output,
                       "not enforced, the program's own value wins: keepidle\n"
                       "not enforced, the larger value wins: backlog\n"))
      << finished.output;
}

TEST_F(Explain, AnotherProgramsListener) {
  const Finished finished = explain({"--program", "sshd", "--listen", "0.0.0.0:443"});
  EXPECT_TRUE(row(finished, "keepidle").starts_with("keepidle 61s sockopt.ini:3 kernel 7200s"))
      << finished.output;
  EXPECT_EQ(row(finished, "backlog"), "");
  EXPECT_TRUE(
      contains(finished.output, "no match: [web] at sockopt.ini:5: program = nginx, haproxy"));
  EXPECT_TRUE(contains(finished.output, "no rule names it; rules know it as sshd\n"));
}

TEST_F(Explain, ARuleThatExcludesTheProgram) {
  const std::string path =
      directory_.write("but.ini", "[rule most]\nprogram = !nginx\nkeepcnt = 3\n").string();
  const Finished excluded = sockopt({"explain", "-c", path, "--program", "nginx"});
  EXPECT_TRUE(
      contains(excluded.output, "no rule is for it; [rule most] excludes it, known as nginx\n"))
      << excluded.output;
  EXPECT_FALSE(contains(sockopt({"explain", "-c", path, "--program", "sshd"}).output, "no rule"));
  EXPECT_TRUE(contains(sockopt({"check", "--program", "nginx", path}).output,
                       "note: no rule is for it; [rule most] excludes it, known as nginx\n"));
}

// As a rule means it: a listener on every address.
TEST_F(Explain, ABarePortIsEveryAddress) {
  const std::string whole = explain({"--listen", "[::]:443"}).output;
  EXPECT_TRUE(contains(whole, "OPTION"));
  EXPECT_EQ(explain({"--listen", "443"}).output, whole);
  EXPECT_EQ(explain({"--listen", "*:443"}).output, whole);
  EXPECT_TRUE(contains(sockopt({"explain", "--listen", "65536"}).error, "--listen 65536: "));
  const Finished peer = sockopt({"explain", "--connect", "5432"});
  EXPECT_EQ(status(peer), 2);
  EXPECT_TRUE(contains(peer.error, "--connect 5432: which peer? Write ADDRESS:PORT"));
}

TEST_F(Explain, AWildcardListenerIsNotASpecificOne) {
  const Finished wildcard = explain({"--listen", "0.0.0.0:8080"});
  EXPECT_TRUE(contains(wildcard.output,
                       "no match: [admin] at sockopt.ini:11: a rule for one address does not match "
                       "a listener on all addresses; name the port alone\n"));
  const Finished specific = explain({"--listen", "127.0.0.1:8080"});
  EXPECT_FALSE(contains(specific.output, "no match: [admin]"));
  EXPECT_TRUE(row(specific, "nodelay").starts_with("nodelay default sockopt.ini:13 [admin] on"))
      << specific.output;
}

// 0.0.0.0 is a listener of its own kind, and no specific address.
TEST_F(Explain, AWildcardOfOneFamilyIsNotTheOthers) {
  const auto reason = [&](const std::string& patterns, const std::string& asked) {
    const std::string file =
        directory_.write("wild.ini", "[rule a]\nlisten = " + patterns + "\nkeepcnt = 3\n");
    const std::string text = sockopt({"explain", "-c", file, "--listen", asked}).output;
    const std::size_t at = text.find("wild.ini:1: ");
    return at == text.npos ? std::string() : text.substr(at + 12, text.find('\n', at) - at - 12);
  };
  EXPECT_EQ(reason("0.0.0.0:443", "[::]:443"),
            "it is for listeners on 0.0.0.0, and this one is on [::]; name the port alone");
  EXPECT_EQ(reason("0.0.0.0:443", "443"), reason("0.0.0.0:443", "[::]:443"));
  EXPECT_EQ(reason("[::]:443", "0.0.0.0:443"),
            "it is for listeners on [::], and this one is on 0.0.0.0; name the port alone");
  EXPECT_EQ(reason("0.0.0.0:443", "0.0.0.0:443"), "");
  EXPECT_EQ(reason("0.0.0.0:80", "[::]:443"), "[::]:443 is not among its addresses");
  EXPECT_EQ(reason("443, !0.0.0.0", "0.0.0.0:443"), "0.0.0.0:443 is excluded");
  EXPECT_EQ(reason("443, !10.0.0.0/8", "10.0.0.1:443"), "10.0.0.1:443 is excluded");
}

// An option that both a listener and a connection have is set once on either.
TEST_F(Explain, NamesTheCallsOfSuchASocketOnly) {
  EXPECT_TRUE(contains(row(explain({"--connect", "192.0.2.9:1", "-o", "quickack=on"}), "quickack"),
                       " kernel on after connect 1"));
  EXPECT_TRUE(contains(row(explain({"--listen", "80", "-o", "quickack=on"}), "quickack"),
                       " kernel on after listen 0"));
  EXPECT_TRUE(contains(row(explain({"-o", "quickack=on"}), "quickack"),
                       " kernel on after listen, after connect 0"));
}

// One file can be several programs, by what it is called: redis-server is a link.
TEST_F(Explain, KnowsAProgramByEveryNameThatItWillHave) {
  directory_.write("several", "#!/bin/true\n", 0755);
  std::filesystem::remove(directory_ / "several");
  std::filesystem::copy_file("/bin/true", directory_ / "several");
  std::filesystem::create_symlink("several", directory_ / "one");
  const std::string file = directory_.write(
      "names.ini", "[rule a]\nprogram = several\nkeepcnt = 3\n[rule b]\nprogram = one\nttl = 3\n");
  const auto asked = [&](const std::string& name) {
    return sockopt({"explain", "-c", file, "--program", directory_ / name});
  };
  EXPECT_NE(row(asked("one"), "keepcnt"), "");
  EXPECT_NE(row(asked("one"), "ttl"), "");
  EXPECT_NE(row(asked("several"), "keepcnt"), "");
  EXPECT_EQ(row(asked("several"), "ttl"), "");
  const std::string script =
      directory_.write("job", "#!" + (directory_ / "one").string() + "\n", 0755);
  EXPECT_NE(row(sockopt({"explain", "-c", file, "--program", script}), "keepcnt"), "");
}

TEST_F(Explain, PriorityIsTheOneThatCosts) {
  const Finished finished = explain({"--listen", "127.0.0.1:8080"});
  EXPECT_TRUE(row(finished, "priority").ends_with(" 3")) << finished.output;
  EXPECT_TRUE(contains(finished.output, "3 extra system calls per accepted connection"));
  const Finished of_every_socket = explain({"--listen", "127.0.0.1:9", "-o", "priority=3"});
  EXPECT_TRUE(row(of_every_socket, "priority").ends_with(" 2")) << of_every_socket.output;
}

TEST_F(Explain, AConnection) {
  const Finished finished = explain({"--connect", "192.0.2.9:5432"});
  EXPECT_TRUE(row(finished, "user_timeout")
                  .starts_with("user_timeout 120s sockopt.ini:17 [database] dead-peer"))
      << finished.output;
  // keepalive and keepidle at socket and again at connect; keepintvl, keepcnt, user_timeout,
  // nodelay, tos
  EXPECT_TRUE(contains(finished.output, "9 extra system calls per client connection"));
  EXPECT_TRUE(contains(finished.output, "listen only"));
}

TEST_F(Explain, ThatIsIpv6NeedsBothNamesOfAnOption) {
  const Finished finished = explain({"--connect", "[2001:db8::1]:443", "-o", "tos=ef"});
  EXPECT_TRUE(row(finished, "tos").starts_with("tos ef -o tos kernel 0 socket 2"))
      << finished.output;
}

TEST_F(Explain, LeavesOutWhatIsNotOfSuchASocket) {
  const std::vector<std::string> both = {"-o", "backlog=64", "-o", "fastopen_connect=on"};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), both.begin(), both.end());
    return explain(arguments);
  };
  const Finished client = with({"--connect", "192.0.2.9:1"});
  EXPECT_EQ(row(client, "backlog"), "") << client.output;
  EXPECT_NE(row(client, "fastopen_connect"), "") << client.output;
  EXPECT_EQ(client.output.find("backlog"), std::string::npos) << client.output;
  const Finished listener = with({"--listen", "0.0.0.0:1"});
  EXPECT_NE(row(listener, "backlog"), "") << listener.output;
  EXPECT_EQ(listener.output.find("fastopen_connect"), std::string::npos) << listener.output;
  const Finished either = with({});
  EXPECT_NE(row(either, "backlog"), "") << either.output;
  EXPECT_NE(row(either, "fastopen_connect"), "") << either.output;
}

TEST_F(Explain, CountsOneSystemCall) {
  const Finished finished = sockopt({"explain", "-c", directory_.write("one.ini", "[sockopt]\n"),
                                     "-o", "nodelay=on", "--connect", "192.0.2.9:1"});
  EXPECT_TRUE(contains(finished.output, "1 extra system call per client connection"));
}

TEST_F(Explain, TellsWhatWasGivenHereFromVariables) {
  const Finished finished = explain({"-o", "keepcnt=3", "-o", "raw.1.99=3"},
                                    {{"SOCKOPT_KEEPCNT", "4"}, {"SOCKOPT_KEEPIDLE", "5m"}});
  EXPECT_TRUE(row(finished, "keepcnt").starts_with("keepcnt 3 -o keepcnt ")) << finished.output;
  EXPECT_TRUE(row(finished, "raw.1.99").starts_with("raw.1.99 3 -o raw.1.99 ")) << finished.output;
  EXPECT_TRUE(row(finished, "keepidle").starts_with("keepidle 300s SOCKOPT_KEEPIDLE "))
      << finished.output;
}

TEST_F(Explain, NamesTheFileOfAFaultyRule) {
  const std::string file = directory_.write("a b.ini", "[rule web]\nlisten = x\nnodelay = on\n");
  EXPECT_TRUE(contains(sockopt({"explain", "-c", file}).output,
                       "it has an error: `sockopt check '" + file + "'`"));
}

TEST_F(Explain, ARuleForZeroMqIsNoFaultyOne) {
  const std::string file = directory_.write("zmq.ini", "[rule req]\nzmq = req\nlinger = 9s\n");
  EXPECT_TRUE(contains(sockopt({"explain", "-c", file, "--listen", "80"}).output,
                       "no match: [req] at zmq.ini:1: for ZeroMQ's sockets only (--zmq)\n"));
}

TEST_F(Explain, ARuleForAScriptIsNotForWhatItStarts) {
  const std::string script = directory_.write("nginx", "#!/bin/sh\nexec /bin/true \"$@\"\n", 0755);
  const Finished finished = explain({"--program", script, "--listen", "0.0.0.0:443"});
  EXPECT_TRUE(contains(finished.output, script + " is a script: rules for it are not for what it "
                                                 "starts, /bin/true\n"));
}

TEST_F(Explain, VariablesWinAndSayWhatTheyOverride) {
  const Finished finished =
      explain({"--program", "nginx", "--listen", "0.0.0.0:80"}, {{"SOCKOPT_KEEPIDLE", "5m"}});
  EXPECT_TRUE(row(finished, "keepidle")
                  .starts_with("keepidle 300s SOCKOPT_KEEPIDLE 99s sockopt.ini:9 [web]"))
      << finished.output;
}

TEST_F(Explain, WhatTheKernelMakesOfIt) {
  std::ifstream file("/proc/sys/net/core/somaxconn");
  std::string somaxconn;
  ASSERT_TRUE(file >> somaxconn);
  const Finished finished = explain({"-o", "backlog=2000000000", "-o", "rcvbuf=65536", "-o",
                                     "congestion=nosuch", "--listen", "0.0.0.0:1"});
  EXPECT_TRUE(contains(row(finished, "backlog"), somaxconn + " (net.core.somaxconn)"));
  EXPECT_TRUE(contains(row(finished, "rcvbuf"), "128K (doubled)"));
  EXPECT_TRUE(contains(row(finished, "congestion"), "refused: not available in this kernel"));
}

TEST_F(Explain, WithoutAnAddressWhatWaitsIsSaid) {
  const Finished finished = explain({});
  EXPECT_TRUE(contains(finished.output, "[web] at sockopt.ini:5: for certain programs only"));
  EXPECT_TRUE(contains(finished.output, "[admin] at sockopt.ini:11: depends on an address"));
}

TEST_F(Explain, WrongQuestions) {
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"--listen", "80-89"},
           {"--listen", "localhost:80"},
           {"--connect", "10.0.0.0/8:80"},
           {"--listen", "0.0.0.0:80", "--connect", "192.0.2.1:80"}}) {
    const Finished finished = explain(wrong);
    EXPECT_EQ(status(finished), 2) << wrong.back();
    EXPECT_TRUE(contains(finished.error, "sockopt: explain: ")) << finished.error;
  }
}

TEST_F(Explain, OfAFaultyPolicySaysWhatIsWrongAndWhatHolds) {
  const Finished finished = explain({}, {{"SOCKOPT_KEEPIDLE", "abc"}});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error, "takes 1s..32767s"));
  EXPECT_TRUE(contains(row(finished, "keepidle"), "61s"));
}

TEST_F(Explain, AFaultyOptionIsAWrongCommandLine) {
  const Finished finished = explain({"-o", "keepidle=abc"});
  EXPECT_EQ(status(finished), 2);
  EXPECT_TRUE(contains(finished.error, "-o keepidle=abc: takes 1s..32767s"));
  EXPECT_EQ(finished.output, "");
}

// Every verb that looks at something with a configuration in hand, and may not go on without.
TEST(ConfigurationOfTheCommandLine, ThatCannotBeRead) {
  const TemporaryDirectory directory;
  const std::string closed = directory.write("closed.ini", "[sockopt]\nnodelay = on\n", 0);
  for (const std::string verb : {"explain", "show", "doctor", "apply"}) {
    std::vector<std::string> words = {verb};
    if (verb == "apply") words.emplace_back("1");
    std::vector<std::string> of_directory = words;
    of_directory.insert(of_directory.end(), {"-c", directory.path()});
    const Finished finished = sockopt(of_directory);
    EXPECT_EQ(status(finished), 2) << verb << finished.output;
    EXPECT_TRUE(contains(finished.error, "Is a directory\n"));
    words.insert(words.end(), {"-c", closed});
    Command denied = command(words);
    denied.user = "nobody";
    if (geteuid() != 0) denied.user.clear();
    const Finished as_nobody = run(denied);
    EXPECT_EQ(status(as_nobody), 2) << verb << as_nobody.output;
    EXPECT_TRUE(contains(as_nobody.error, "Permission denied\n"));
  }
}

}  // namespace
}  // namespace sockopt::test
