// SPDX-License-Identifier: MIT
//
// Where a value came from, as whoever set it knows it: -o of `run`, or `apply`.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

constexpr const char* kServer = "l = socket.create_server(('127.0.0.1', 0))\n";

// The FROM of a line.
std::string last_word(const std::string& line) {
  const std::size_t gap = line.rfind("  ");
  return gap == std::string::npos ? "" : line.substr(gap + 2);
}

TEST(ShowSources, OptionsOfRunAreWhatWasTyped) {
  const Holder holder(
      kServer, {command_path(), "run", "-o", "keepidle=61s", "-o", "preset=dead-peer", "--"});
  const std::string output = sockopt({"show", holder.word()}).output;
  const std::string from = last_word(line_with(output, "LISTEN"));
  EXPECT_TRUE(contains(from, "-o keepidle")) << output;
  EXPECT_TRUE(contains(from, "-o preset")) << output;
  EXPECT_EQ(count(output, "SOCKOPT_"), 0) << output;
  const std::string held = sockopt({"doctor", holder.word()}).output;
  EXPECT_EQ(count(held, "SOCKOPT_KEEPIDLE"), 0) << held;
}

// Not only from outside.
TEST(ShowSources, OptionsOfRunAreSoToTheLibrary) {
  const Finished logged = sockopt({"run", "-o", "log=debug", "-o", "keepidle=61s", "--",
                                   "/usr/bin/python3", "-c", "import socket; socket.socket()"});
  EXPECT_TRUE(contains(logged.error, "keepidle = 61s (-o keepidle); now 61s")) << logged.error;
}

TEST(ShowSources, VariablesAreVariables) {
  const Holder holder(
      kServer, {"env", "SOCKOPT_KEEPIDLE=61s", command_path(), "run", "-o", "nodelay=on", "--"});
  const std::string output = sockopt({"show", holder.word()}).output;
  const std::string line = line_with(output, "LISTEN");
  EXPECT_TRUE(contains(line, "SOCKOPT_KEEPIDLE")) << output;
  EXPECT_TRUE(contains(line, "-o nodelay")) << output;
}

class ShowApplied : public testing::Test {
 protected:
  Finished call(std::vector<std::string> arguments) {
    return sockopt(std::move(arguments), {{"XDG_STATE_HOME", state_.path()}});
  }
  std::string from(const std::string& state) {
    return last_word(line_with(call({"show", own_word()}).output, state));
  }

  TemporaryDirectory state_;
  Listener listener_;
};

TEST_F(ShowApplied, IsNotTheProgram) {
  ASSERT_EQ(status(call({"apply", "--no-file", "-o", "keepalive=on", own_word()})), 0);
  EXPECT_EQ(from("LISTEN"), "apply");
  const Connections connections(listener_, 1);
  EXPECT_EQ(from("ESTAB"), "apply") << "by its listener";
  listener_.set(IPPROTO_TCP, TCP_NODELAY, 1);
  EXPECT_EQ(from("LISTEN"), "apply program?");
  // What was set to another value since is not what apply has set.
  listener_.set(IPPROTO_TCP, TCP_NODELAY, 0);
  ASSERT_EQ(status(call({"apply", "--no-file", "-o", "user_timeout=9s", own_word()})), 0);
  listener_.set(IPPROTO_TCP, TCP_USER_TIMEOUT, 8000);
  EXPECT_EQ(from("LISTEN"), "apply program?");
}

TEST_F(ShowApplied, OfAnotherStartOfTheSystemIsNot) {
  ASSERT_EQ(status(call({"apply", "--no-file", "-o", "keepalive=on", own_word()})), 0);
  std::string history = read_file(state_ / "sockopt/history");
  const std::size_t boot = history.find("\"boot\":\"");
  ASSERT_NE(boot, std::string::npos);
  history[boot + 8] = history[boot + 8] == '0' ? '1' : '0';
  state_.write("sockopt/history", history);
  EXPECT_EQ(from("LISTEN"), "program?");
}

TEST_F(ShowApplied, IsTheCauseOfADifference) {
  const std::string file = state_.write("policy.ini", "[sockopt]\nkeepidle = 60s\n");
  const Holder holder(kServer, {command_path(), "run", "-c", file, "--"});
  ASSERT_EQ(status(call({"apply", "--no-file", "-o", "keepidle=99s", holder.word()})), 0);
  const std::string shown = call({"show", holder.word()}).output;
  EXPECT_TRUE(contains(shown, "keepidle is 99s, wants 60s from policy.ini:2 (set by apply)"))
      << shown;
  const std::string found = call({"doctor", holder.word()}).output;
  EXPECT_TRUE(contains(found, "; set by apply")) << found;
  EXPECT_EQ(count(found, "the program set it itself"), 0) << found;
}

}  // namespace
}  // namespace sockopt::test
