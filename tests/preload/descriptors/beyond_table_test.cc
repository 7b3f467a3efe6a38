// SPDX-License-Identifier: MIT
//
// Numbers so high that nothing can be remembered of them. What the program opens has its options as
// ever; what it sets itself stands; a listener that it inherited is left as it was until it
// listens.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "tests/support/listener.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

class BeyondTheTable : public ::testing::Test {
 protected:
  const Environment settings_ = variables({{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}});

  static Played on(Command command, const std::vector<std::string>& prefix) {
    command.argv.insert(command.argv.begin(), prefix.begin(), prefix.end());
    Played played = play(command);
    EXPECT_EQ(played.error(), "");
    return played;
  }

  void open_on(int number, const std::vector<std::string>& prefix) const {
    const std::string l = std::to_string(number);
    const std::string s = std::to_string(number - 1);
    const Script script = "socket l inet; dup2 l " + l +
                          "; bind l 127.0.0.1; listen l 7; backlog l = 1024;"
                          "client c l; accept a l; get a TCP_KEEPIDLE = 61; set l TCP_KEEPIDLE 30;"
                          "client d l; accept4 b l cloexec; get b TCP_KEEPIDLE = 30;"
                          "listen l 8; get l TCP_KEEPIDLE = 30;"
                          "socket s inet; dup2 s " +
                          s + "; connect s l; get s TCP_KEEPIDLE = 61";
    on(actor(script, settings_), prefix);
  }

  void inherit_on(int number, const std::vector<std::string>& prefix) const {
    const Listener listener;
    Command command = actor("fd l " + std::to_string(number) +
                                "; get l TCP_KEEPIDLE; client c l; accept a l; "
                                "get a TCP_KEEPIDLE; listen l 7; backlog l = 1024",
                            settings_);
    command.descriptors[number] = listener.fd();
    const Played played = on(command, prefix);
    EXPECT_EQ(played.number("get a TCP_KEEPIDLE"), played.number("get l TCP_KEEPIDLE"))
        << "it is remembered, then";
  }
};

// Where address space is counted the table is no shorter, as long as there is room.
TEST_F(BeyondTheTable, IsNotANumberWhereMemoryIsCounted) {
  const Played played =
      on(actor("socket l inet; dup2 l 9000; bind l 127.0.0.1; set l TCP_DEFER_ACCEPT 30; "
               "listen l 7; get l TCP_DEFER_ACCEPT",
               variables({{"DEFER_ACCEPT", "5s"}})),
         {"prlimit", "--as=67108864"});
  EXPECT_EQ(played.number("get l TCP_DEFER_ACCEPT"), 31) << "the program's own was not remembered";
}

// What was open before may lie beyond the limit.
TEST_F(BeyondTheTable, OfALimitThatWasLowered) {
  const Listener listener;
  Command command = actor(
      "fd l 3000; client c l; accept a l; get a TCP_KEEPIDLE = 61; listen l 7; backlog l = 1024",
      settings_);
  command.descriptors[3000] = listener.fd();
  on(command, {"prlimit", "--nofile=64:64"});
}

// A million, where the test may have as many.
TEST_F(BeyondTheTable, TheHighestNumberThereCanBe) {
  constexpr rlim_t kMillion = 1'000'000;
  constexpr rlim_t kLongestTable = 32'768;
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit raised = {kMillion, std::max(kMillion, limit.rlim_max)};
  rlim_t count = kMillion;
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) {
    count = limit.rlim_max;
    const rlimit most = {count, count};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &most), 0);
  }
  // Less those that the start of a program takes meanwhile.
  const int highest = static_cast<int>(count - 16);
  open_on(highest, {});
  if (count - 16 >= kLongestTable) inherit_on(highest, {});
  if (count == kMillion) setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace sockopt::test
