// SPDX-License-Identifier: MIT
//
// A buffer that the kernel tunes is not set, whatever its size happens to be, and one that was set
// to the size that all begin with is not tuned.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"
#include "tests/support/terminal.h"

namespace sockopt::test {
namespace {

constexpr int kLocks = 72;

class ShowBuffers : public testing::Test {
 protected:
  void SetUp() override {
    if (listener_.get(SOL_SOCKET, kLocks) != 0) GTEST_SKIP() << "no SO_BUF_LOCK (Linux 5.15)";
    usual_ = listener_.get(SOL_SOCKET, SO_RCVBUF);
    policy_ = "[sockopt]\nrcvbuf = " + std::to_string(usual_ / 2) + "\n";
  }

  // That it has the size of a new one.
  void fix(int fd) const {
    const int half = usual_ / 2;
    ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &half, sizeof half), 0);
  }

  Listener listener_;
  int usual_ = 0;
  std::string policy_;
};

TEST_F(ShowBuffers, TunedAtTheSizeThatIsWanted) {
  const Finished shown = show({own_word(), "--strict"}, policy_, 1);
  EXPECT_TRUE(contains(line_with(shown.output, "STATE"), " RCVBUF "));
  EXPECT_TRUE(contains(shown.output, " (tuned by the kernel), wants ")) << shown.output;
  const nlohmann::json rcvbuf = show_json({own_word()}, policy_)["sockets"][0]["options"]["rcvbuf"];
  EXPECT_EQ(rcvbuf["value"], rcvbuf["want"]);
  EXPECT_EQ(rcvbuf["ok"], false);
}

TEST_F(ShowBuffers, FixedAtTheSizeThatIsWanted) {
  fix(listener_.fd());
  show({own_word(), "--strict"}, policy_, 0);
  const nlohmann::json options = show_json({own_word()}, policy_)["sockets"][0]["options"];
  EXPECT_EQ(options["rcvbuf"]["ok"], true);
}

TEST_F(ShowBuffers, FixedIsSetWhateverTheSize) {
  EXPECT_EQ(count(show({own_word(), "--wide"}).output, "rcvbuf="), 0);
  fix(listener_.fd());
  EXPECT_TRUE(contains(show({own_word(), "--wide"}).output, " program?  rcvbuf="));
}

TEST_F(ShowBuffers, ConnectionsThatAreFixedAreAnotherGroup) {
  const Connections connections(listener_, 3);
  fix(connections.accepted[1].get());
  const std::string output = show({own_word(), "--wide"}).output;
  EXPECT_EQ(count(line_with(output, "ESTAB ×2  " + listener_.text()), "rcvbuf="), 0) << output;
  EXPECT_EQ(count(line_with(output, "ESTAB     " + listener_.text()), " rcvbuf="), 1) << output;
}

TEST_F(ShowBuffers, RawOptionsBehindTheTable) {
  const std::string raw = "raw.1.18";  // SO_RCVLOWAT
  const std::string rule =
      "[rule a]\nlisten = 1\n" + raw + " = 9\n[rule b]\nlisten = 2\nraw.1.72 = 1\n";
  EXPECT_EQ(count(show({own_word(), "--wide"}, rule).output, "raw."), 0);
  listener_.set(SOL_SOCKET, SO_RCVLOWAT, 7);
  EXPECT_TRUE(
      line_with(show({own_word(), "--wide"}, rule).output, "LISTEN").ends_with("raw.1.18=7"));
}

TEST_F(ShowBuffers, WindowClampOfAListener) {
  constexpr int kWindowClamp = 10;
  EXPECT_EQ(count(show({own_word(), "--wide"}).output, "window_clamp="), 0);
  listener_.set(IPPROTO_TCP, kWindowClamp, 100000);
  EXPECT_TRUE(line_with(show({own_word(), "--wide"}).output, "LISTEN")
                  .ends_with(" program?  window_clamp=100000"));
}

// The columns of raw options are those of each process's own policy.
TEST(ShowRawColumns, AreNamedByTheirOwnPolicy) {
  const TemporaryDirectory directory;
  const std::string one = directory.write("one.ini", "[sockopt]\nraw.1.18 = 9\n");
  const std::string two = directory.write("two.ini", "[sockopt]\nraw.6.27 = 1\n");
  const std::string python = "l = socket.create_server(('127.0.0.1', 0))\n";
  const auto shimmed = [](const std::string& file) {
    std::vector<std::string> argv = {"env"};
    for (const auto& [name, value] : shim_environment({{"SOCKOPT_CONFIG", file}})) {
      argv.push_back(name + "=" + value);
    }
    return argv;
  };
  const Holder first(python, shimmed(one));
  const Holder second(python, shimmed(two));
  const std::string output = sockopt({"show", "--wide", first.word(), second.word()}).output;
  const auto titles = words_of(line_with(output, "STATE"));
  EXPECT_EQ(std::count(titles.begin(), titles.end(), "RAW.1.18"), 1) << output;
  EXPECT_EQ(std::count(titles.begin(), titles.end(), "RAW.6.27"), 1) << output;
}

// What differs shows on a terminal of any width.
TEST(ShowMarks, StandInTheFirstColumnWhereTheirOwnHasNoRoom) {
  const Listener listener;
  const TemporaryDirectory directory;
  const std::string file = directory.write("policy.ini", "[sockopt]\nsyncnt = 3\n");
  const Environment plain = {{"NO_COLOR", "1"}, {"LC_ALL", "C.UTF-8"}};
  const std::vector<std::string> arguments = {"show", "-c", file, own_word()};
  const std::string narrow = on_terminal(72, arguments, plain);
  EXPECT_TRUE(contains(line_with(narrow, "No room for "), " SYNCNT")) << narrow;
  EXPECT_TRUE(contains(narrow, "\nLISTEN! 127.0.0.1:")) << narrow;
  EXPECT_TRUE(contains(on_terminal(160, arguments, plain), "\nLISTEN  127.0.0.1:"));
}

}  // namespace
}  // namespace sockopt::test
