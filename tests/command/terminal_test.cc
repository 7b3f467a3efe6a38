// SPDX-License-Identifier: MIT
//
// On a terminal: colours where they are wanted, and no line longer than the terminal is wide.
#include "tests/support/terminal.h"

namespace sockopt::test {
namespace {

const Environment kPlain = {{"NO_COLOR", "1"}};

TEST(OnATerminal, ColoursAreUsedUnlessTheyAreNotWanted) {
  EXPECT_TRUE(contains(on_terminal(80, {}), "\x1b[1mRead-only:\x1b[0m"));
  EXPECT_EQ(on_terminal(80, {}, {{"NO_COLOR", "1"}}).find('\x1b'), std::string::npos);
  EXPECT_EQ(on_terminal(80, {}, {{"TERM", "dumb"}}).find('\x1b'), std::string::npos);
  EXPECT_EQ(on_terminal(80, {}, {{"TERM", ""}}).find('\x1b'), std::string::npos);
  EXPECT_NE(on_terminal(80, {}, {{"NO_COLOR", ""}}).find('\x1b'), std::string::npos);
}

TEST(OnATerminal, FaultsAndWarningsAreColoured) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.ini", "[sockopt]\nnodelay = 2\nlinger = 5s\n");
  const std::string shown = on_terminal(80, {"check", file});
  EXPECT_TRUE(contains(shown, "\x1b[1;31merror\x1b[0m: nodelay = 2"));
  EXPECT_TRUE(contains(shown, "\x1b[1;33mwarning\x1b[0m: linger = 5s"));
  EXPECT_TRUE(contains(shown, "|           \x1b[1;31m^\x1b[0m\n"));
}

TEST(OnATerminal, TheOptionsFit) {
  for (const int columns : {60, 80, 100, 132, 200, 400}) {
    const std::string shown = on_terminal(columns, {"options"}, kPlain);
    const std::string table = shown.substr(0, shown.find("\nAny other socket option"));
    EXPECT_LE(widest_line(shown), columns) << shown;
    EXPECT_TRUE(contains(table, "\nkeepidle "));
    EXPECT_TRUE(contains(table, "SUMMARY"));
  }
}

TEST(OnATerminal, AWiderOneShowsMoreColumns) {
  const auto title = [](int columns) {
    const std::string shown = on_terminal(columns, {"options"}, kPlain);
    return shown.substr(0, shown.find('\n'));
  };
  EXPECT_EQ(title(80).find("MPTCP"), std::string::npos) << title(80);
  EXPECT_NE(title(80).find("VALUES"), std::string::npos) << title(80);
  for (const char* column : {"DEFAULT", "APPLIED AT", "INHERITED", "MPTCP", "PRIVILEGE", "SINCE"}) {
    EXPECT_NE(title(400).find(column), std::string::npos) << column;
  }
}

TEST(OnATerminal, ANarrowOneIsNoReasonToFail) {
  for (const int columns : {1, 2, 10, 25}) {
    EXPECT_TRUE(contains(on_terminal(columns, {"options"}, kPlain), "keepidle"));
  }
  EXPECT_LE(widest_line(on_terminal(0, {"options"}, kPlain)), 100U) << "unknown width counts as 80";
}

TEST(OnATerminal, TheOverviewFitsEightyColumns) {
  EXPECT_LE(widest_line(on_terminal(80, {}, kPlain)), 84U);
}

}  // namespace
}  // namespace sockopt::test
