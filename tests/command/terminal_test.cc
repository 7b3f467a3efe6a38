// SPDX-License-Identifier: MIT
//
// On a terminal: colours where they are wanted, and no line longer than the terminal is wide.
#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>

#include "tests/command/command.h"

namespace sockopt::test {
namespace {

class Terminal {
 public:
  explicit Terminal(int columns) {
    winsize size = {};
    size.ws_row = 25;
    size.ws_col = static_cast<unsigned short>(columns);
    if (openpty(&ours_, &theirs_, nullptr, nullptr, &size) != 0) return;
    fcntl(ours_, F_SETFD, FD_CLOEXEC);
    fcntl(theirs_, F_SETFD, FD_CLOEXEC);
  }
  ~Terminal() {
    close(ours_);
    if (theirs_ >= 0) close(theirs_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // What the command shows on it; the newlines are the command's own.
  std::string show(const std::vector<std::string>& arguments, Environment variables = {}) {
    variables.emplace("TERM", "xterm");
    Command started = command(arguments, variables);
    started.descriptors[1] = theirs_;
    started.descriptors[2] = theirs_;
    Process process(started);
    close(std::exchange(theirs_, -1));
    std::string text;
    char piece[4096];
    ssize_t size;  // EIO once the command has ended
    while ((size = read(ours_, piece, sizeof piece)) > 0) {
      text.append(piece, static_cast<std::size_t>(size));
    }
    process.wait();
    std::erase(text, '\r');
    return text;
  }

 private:
  int ours_ = -1;
  int theirs_ = -1;
};

std::string show(int columns, const std::vector<std::string>& arguments,
                 const Environment& variables = {}) {
  return Terminal(columns).show(arguments, variables);
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    widest = std::max(widest, end - from);
    from = end + 1;
  }
  return widest;
}

const Environment kPlain = {{"NO_COLOR", "1"}};

TEST(OnATerminal, ColoursAreUsedUnlessTheyAreNotWanted) {
  EXPECT_TRUE(contains(show(80, {}), "\x1b[1mOnly looks:\x1b[0m"));
  EXPECT_EQ(show(80, {}, {{"NO_COLOR", "1"}}).find('\x1b'), std::string::npos);
  EXPECT_EQ(show(80, {}, {{"TERM", "dumb"}}).find('\x1b'), std::string::npos);
  EXPECT_EQ(show(80, {}, {{"TERM", ""}}).find('\x1b'), std::string::npos);
  EXPECT_NE(show(80, {}, {{"NO_COLOR", ""}}).find('\x1b'), std::string::npos);
}

TEST(OnATerminal, FaultsAndWarningsAreColoured) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.ini", "[sockopt]\nnodelay = 2\nlinger = 5s\n");
  const std::string shown = show(80, {"check", file});
  EXPECT_TRUE(contains(shown, "\x1b[1;31merror\x1b[0m: nodelay = 2"));
  EXPECT_TRUE(contains(shown, "\x1b[1;33mwarning\x1b[0m: linger = 5s"));
  EXPECT_TRUE(contains(shown, "|           \x1b[1;31m^\x1b[0m\n"));
}

TEST(OnATerminal, TheOptionsFit) {
  for (const int columns : {60, 80, 100, 132, 200, 400}) {
    const std::string shown = show(columns, {"options"}, kPlain);
    const std::string table = shown.substr(0, shown.find("\nAny other socket option"));
    EXPECT_LE(widest_line(table), columns) << shown;
    EXPECT_TRUE(contains(table, "\nkeepidle "));
    EXPECT_TRUE(contains(table, "SUMMARY"));
  }
}

TEST(OnATerminal, AWiderOneShowsMoreColumns) {
  const auto title = [](int columns) {
    const std::string shown = show(columns, {"options"}, kPlain);
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
    EXPECT_TRUE(contains(show(columns, {"options"}, kPlain), "keepidle"));
  }
  EXPECT_LE(widest_line(show(0, {"options"}, kPlain)), 100U) << "unknown width counts as 80";
}

TEST(OnATerminal, TheOverviewFitsEightyColumns) {
  EXPECT_LE(widest_line(show(80, {}, kPlain)), 84U);
}

}  // namespace
}  // namespace sockopt::test
