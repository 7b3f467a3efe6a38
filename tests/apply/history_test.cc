// SPDX-License-Identifier: MIT
//
// What was applied is kept with its undo, for whoever asks later, and works as it is printed.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

class History : public testing::Test {
 protected:
  Finished call(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "apply");
    return sockopt(std::move(arguments), {{"XDG_STATE_HOME", state_.path()}});
  }

  TemporaryDirectory state_;
  std::string path_ = state_ / "sockopt/history";
};

TEST_F(History, OfNothing) {
  const Finished shown = call({"--history"});
  EXPECT_EQ(status(shown), 0);
  EXPECT_EQ(shown.output, "nothing was applied, as far as " + path_ + " tells\n");
  EXPECT_EQ(nlohmann::json::parse(call({"--history", "--json"}).output)["applied"].size(), 0U);
}

TEST_F(History, HoldsEveryUndo) {
  const DemoServer server;
  const Finished first = call({"-o", "keepidle=61s", server.word()});
  const Finished second = call({"-o", "keepidle=62s", "-o", "congestion=reno", server.word()});
  ASSERT_EQ(status(second), 0) << second.error;
  struct stat file = {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
  const Finished shown = call({"--history"});
  EXPECT_EQ(status(shown), 0);
  EXPECT_TRUE(
      contains(shown.output, "  1 socket changed  sockopt apply -o keepidle=61s " + server.word()));
  EXPECT_EQ(count(shown.output, "\n  Undo: sockopt apply "), 2);
  EXPECT_TRUE(shown.output.ends_with("\nKept in " + path_ + ".\n")) << shown.output;
  // The latest first, as they are to be undone.
  std::vector<std::string> undos;
  for (std::size_t at = 0; (at = shown.output.find("Undo: ", at)) != std::string::npos; ++at) {
    undos.push_back(printed_command(shown.output.substr(at), "Undo: "));
  }
  ASSERT_EQ(undos.size(), 2U);
  EXPECT_EQ(undos[0], undo_lines(first.output).at(0));
  EXPECT_TRUE(run_printed(undos[1]).success());
  EXPECT_EQ(server.listener().text("keepidle"), "61s");
  EXPECT_TRUE(run_printed(undos[0]).success());
  EXPECT_EQ(server.listener().text("keepidle"), "7200s");
  const auto json = nlohmann::json::parse(call({"--history", "--json"}).output);
  EXPECT_EQ(json["schema"], "sockopt.history/1");
  EXPECT_EQ(json["file"], path_);
  ASSERT_EQ(json["applied"].size(), 2U);
  EXPECT_EQ(json["applied"][1]["command"][0], "sockopt");
  EXPECT_EQ(json["applied"][1]["undo"][0][1], "apply");
}

TEST_F(History, HoldsNothingThatWasNotDone) {
  const DemoServer server;
  call({"--dry-run", "-o", "keepidle=61s", server.word()});
  call({"-o", "keepidle=7200s", server.word()});
  EXPECT_FALSE(std::filesystem::exists(path_));
}

// Whoever can write there could have it written elsewhere.
TEST_F(History, IsNotWrittenThroughALink) {
  const DemoServer server;
  std::filesystem::create_directory(state_ / "sockopt");
  std::filesystem::create_symlink(state_ / "elsewhere", path_);
  const Finished applied = call({"-o", "keepidle=61s", server.word()});
  EXPECT_EQ(status(applied), 0);
  EXPECT_TRUE(contains(applied.error, "the undo is not in the history: "));
  EXPECT_TRUE(contains(applied.output, "Undo: "));
  EXPECT_FALSE(std::filesystem::exists(state_ / "elsewhere"));
}

TEST_F(History, LinesThatAreNoneOfItsAreLeftOut) {
  std::filesystem::create_directory(state_ / "sockopt");
  state_.write(
      "sockopt/history",
      "rubbish\n[]\n{\"time\":1}\n"
      "{\"time\":1,\"command\":[\"sockopt\",\"\\u001b[1m\"],\"changed\":2,\"undo\":[[1]]}\n");
  const Finished shown = call({"--history"});
  EXPECT_EQ(status(shown), 0);
  EXPECT_EQ(count(shown.output, " 2 sockets changed  sockopt $'\\x1b[1m'\n"), 1) << shown.output;
}

}  // namespace
}  // namespace sockopt::test
