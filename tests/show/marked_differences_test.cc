// SPDX-License-Identifier: MIT
//
// What differs from a policy is marked and told, with the line that wants it and the reason.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "tests/support/shown_sockets.h"
#include "tools/inspect/host.h"

namespace sockopt::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kKeepalive = "[sockopt]\nkeepalive = on\nkeepidle = 60s\n";

TEST(ShowDepartures, MarkedWithTheLineAndTheReason) {
  const Listener listener;
  const Finished shown = show({own_word()}, kKeepalive);
  const Words words = words_of(line_with(shown.output, "LISTEN"));
  EXPECT_EQ(words[5], "off!");
  EXPECT_EQ(words[7], "off") << "of nodelay nothing is wanted";
  EXPECT_TRUE(
      contains(shown.output,
               "keepalive is off, wants on from sockopt.ini:2; keepidle is 7200s, wants 60s from "
               "sockopt.ini:3: the library is not in this process\n"));
  EXPECT_TRUE(contains(shown.output, "1 group, 1 differs from /"));
  EXPECT_TRUE(contains(shown.output, " (marked !)."));
}

TEST(ShowDepartures, ClientIsNamedByItsPeer) {
  const Listener listener;
  const Connections connections(listener, 1);
  const std::string output = show({own_word()}, kKeepalive).output;
  EXPECT_EQ(count(output, "! ESTAB " + listener.text()), 1) << output;
  EXPECT_EQ(count(output, "! ESTAB to " + listener.text()), 1) << output;
}

// The command that is told is run as it stands there, but for where the binary is.
TEST(ShowDepartures, CommandThatWouldMendIt) {
  const std::string lead = "Look first: sockopt ";
  const auto told = [&](const Finished& shown) {
    const std::string line = line_with(shown.output, lead);
    return line.empty() ? line : command_path() + ' ' + line.substr(lead.size());
  };
  const Listener listener;
  const TemporaryDirectory directory;
  const std::string file = directory.write("it's mine.ini", kKeepalive);
  const Finished rehearsed =
      run({.argv = {"sh", "-c", told(sockopt({"show", "-c", file, own_word()}))}});
  EXPECT_TRUE(contains(rehearsed.output, "keepidle 7200s -> 60s")) << rehearsed.error;
  EXPECT_TRUE(contains(rehearsed.output, "1 would change, 0 would fail"));

  const Connections connections(listener, 1);
  const Finished with_connections =
      run({.argv = {"sh", "-c", told(sockopt({"show", "-o", "nodelay=on", own_word()}))}});
  EXPECT_TRUE(contains(with_connections.output, "3 would change, 0 would fail"));
  EXPECT_EQ(told(show({own_word()}, "")), "") << "nothing differs";
}

TEST(ShowDepartures, NoneWhereItHolds) {
  const Listener listener;
  listener.set(SOL_SOCKET, SO_KEEPALIVE, 1);
  listener.set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  const Finished shown = show({own_word(), "--strict"}, kKeepalive);
  EXPECT_EQ(count(shown.output, "!"), 0) << shown.output;
  EXPECT_TRUE(line_with(shown.output, "LISTEN").ends_with(" sockopt.ini:2..3"));
  EXPECT_TRUE(contains(shown.output, "1 group, none differs from /"));
}

TEST(ShowDepartures, StrictIsAnExitStatus) {
  const Listener listener;
  show({own_word()}, kKeepalive, 0);
  show({own_word(), "--strict"}, kKeepalive, 1);
  show({own_word(), "--strict", "--json"}, kKeepalive, 1);
  show({own_word(), "--strict"}, "", 0);
}

TEST(ShowDepartures, BacklogIsMarkedInTheQueue) {
  const Listener listener(8);
  const std::int64_t longest = read_host().somaxconn.value();
  const Finished shown = show({own_word()}, "[sockopt]\nbacklog = max\n");
  EXPECT_EQ(words_of(line_with(shown.output, "LISTEN"))[3], "0/8!");
  EXPECT_TRUE(contains(shown.output, "backlog is 8, wants " + std::to_string(longest) +
                                         " (max cut: net.core.somaxconn) from sockopt.ini:2"));
  EXPECT_EQ(words_of(line_with(show({own_word()}, "[sockopt]\nbacklog = 4\n").output, "LISTEN"))[3],
            "0/8");
}

TEST(ShowDepartures, OptionWithoutAColumnGetsOne) {
  const Listener listener;
  const std::string differs = show({own_word()}, "[sockopt]\nsyncnt = 3\n").output;
  EXPECT_TRUE(contains(line_with(differs, "STATE"), " SYNCNT "));
  EXPECT_TRUE(contains(line_with(differs, "LISTEN"), " 6! "));
  listener.set(IPPROTO_TCP, TCP_SYNCNT, 3);
  EXPECT_EQ(count(show({own_word()}, "[sockopt]\nsyncnt = 3\n").output, "SYNCNT"), 0);
}

// Rules are for listeners and connections accepted on them, or for what goes out.
TEST(ShowDepartures, RuleOfTheSide) {
  const Listener listener;
  const Connections connections(listener, 3);
  const std::string port = std::to_string(listener.port());
  const std::string in =
      show({own_word()}, "[rule a]\nlisten = " + port + "\nnodelay = on\n").output;
  EXPECT_EQ(count(in, "off!"), 2) << in;
  EXPECT_TRUE(contains(line_with(in, "→"), " off ")) << in;
  EXPECT_TRUE(contains(in, "wants on from sockopt.ini:3 [a]"));
  const std::string out =
      show({own_word()}, "[rule b]\nconnect = " + port + "\nnodelay = on\n").output;
  EXPECT_EQ(count(out, "off!"), 1) << out;
  EXPECT_TRUE(contains(line_with(out, "→"), " off! ")) << out;
}

TEST(ShowDepartures, RuleOfTheProgram) {
  const Listener listener;
  const std::string mine = "[rule a]\nprogram = show_tests\nnodelay = on\n";
  EXPECT_EQ(count(show({own_word()}, mine).output, "off!"), 1);
  EXPECT_EQ(count(show({own_word()}, "[rule a]\nprogram = nginx\nnodelay = on\n").output, "off!"),
            0);
}

TEST(ShowDepartures, OptionsOfTheCommandLineWin) {
  const Listener listener;
  const Finished shown = show({own_word(), "-o", "keepidle=7200s", "--strict"}, "", 0);
  EXPECT_TRUE(line_with(shown.output, "LISTEN").ends_with(" -o keepidle")) << shown.output;
  show({own_word(), "-o", "keepidle=7201s", "--strict"}, "", 1);
}

TEST(ShowDepartures, ConfigurationThatIsNotThere) {
  const Finished shown = sockopt({"show", "-c", "/no/such.ini", own_word()});
  EXPECT_EQ(status(shown), 2);
  EXPECT_TRUE(contains(shown.error, "-c /no/such.ini: there is no such file\n"));
  EXPECT_EQ(shown.output, "");
}

TEST(ShowDepartures, ConfigurationOfThisDirectory) {
  const TemporaryDirectory directory;
  directory.write("sockopt.ini", kKeepalive);
  const Listener listener;
  const Finished shown =
      run({.argv = {"sh", "-c", "cd \"$1\" && exec \"$2\" show -c ././sockopt.ini \"$3\"", "-",
                    directory.path(), command_path(), own_word()}});
  EXPECT_TRUE(
      contains(shown.output, " from " + (directory / "sockopt.ini").string() + " (marked !).\n"));
}

TEST(ShowDepartures, FaultyConfigurationIsSaid) {
  const Listener listener;
  const Finished shown = show({own_word()}, "[sockopt]\nkeepidel = 60s\nnodelay = on\n", 1);
  EXPECT_TRUE(contains(shown.error, "sockopt.ini:2"));
  EXPECT_TRUE(contains(shown.error, "keepidle"));
  EXPECT_TRUE(contains(shown.output, "off!")) << "the other lines hold";
}

TEST(ShowDepartures, FaultyOptionIsAWrongCommandLine) {
  const Finished shown = show({own_word(), "-o", "keepidle=abc"}, "", 2);
  EXPECT_TRUE(contains(shown.error, "-o keepidle=abc: takes 1s..32767s"));
  EXPECT_EQ(shown.output, "");
}

// A program under the library is held to what it was given, whatever is in force by now.
class ShowUnderTheShim : public testing::Test {
 protected:
  ShowUnderTheShim() : file_(directory_.write("given.ini", kKeepalive)) {}

  static std::string listener(const std::string& more = "") {
    return "l = socket.create_server(('127.0.0.1', 0))\n" + more;
  }
  // As `show` without -c is.
  static Finished show_it(const Holder& holder) { return sockopt({"show", holder.word()}); }

  std::vector<std::string> shimmed() const {
    const Environment variables = shim_environment({{"SOCKOPT_CONFIG", file_}});
    std::vector<std::string> argv = {"env"};
    for (const auto& [name, value] : variables) argv.push_back(name + "=" + value);
    return argv;
  }

  TemporaryDirectory directory_;
  std::string file_;
};

TEST_F(ShowUnderTheShim, HoldsWhatItWasGiven) {
  const Holder holder(listener(), shimmed());
  directory_.write("given.ini", "[sockopt]\nkeepidle = 99s\n");
  const Finished shown = show_it(holder);
  EXPECT_EQ(words_of(line_with(shown.output, "LISTEN"))[5], "60s/75s/9") << shown.output;
  EXPECT_TRUE(contains(shown.output, "1 group, none differs from " + file_));
  EXPECT_TRUE(
      contains(shown.output, "has read " + file_ + ", which has changed since; `apply` uses"));
}

TEST_F(ShowUnderTheShim, WhatTheProgramSetItself) {
  const Holder holder(listener("l.setsockopt(6, 4, 99)"), shimmed());
  const Finished shown = show_it(holder);
  EXPECT_EQ(words_of(line_with(shown.output, "LISTEN"))[5], "99s/75s/9!") << shown.output;
  EXPECT_TRUE(contains(shown.output,
                       "keepidle is 99s, wants 60s from given.ini:3 (set by the program itself, or "
                       "from outside)"));
}

TEST_F(ShowUnderTheShim, HeldToAnotherPolicyOnRequest) {
  const Holder holder(listener(), shimmed());
  const Finished shown = show({holder.word()}, "[sockopt]\nkeepidle = 99s\n");
  EXPECT_TRUE(contains(
      shown.output,
      "keepidle is 60s, wants 99s from sockopt.ini:2 (the library there holds another policy)"));
  const Finished both = show({holder.word()}, "[sockopt]\nkeepidle = 99s\nnodelay = on\n");
  EXPECT_TRUE(contains(both.output,
                       "keepidle is 60s, wants 99s from sockopt.ini:2; nodelay is off, wants on "
                       "from sockopt.ini:3 (each: the library there holds another policy)"));
}

TEST_F(ShowUnderTheShim, Idle) {
  std::vector<std::string> disabled = shimmed();
  disabled.emplace_back("SOCKOPT_DISABLE=1");
  const Holder holder(listener(), disabled);
  const Finished shown = show({holder.word()}, kKeepalive);
  EXPECT_TRUE(contains(shown.output, "the library in this process is idle"));
  const Finished metrics = show({holder.word(), "--prometheus"}, kKeepalive);
  EXPECT_TRUE(contains(metrics.output, "sockopt_processes{reach=\"idle\"} 1\n"));
}

}  // namespace
}  // namespace sockopt::test
