// SPDX-License-Identifier: MIT
//
// Texts from outside that want to be more than text: in paths, files, variables and names of
// programs. Whatever is said of them is plain lines of ours, each with its prefix and of a length
// that arrives in one piece; and none of it is so long that the rest is not said.
#include <gtest/gtest.h>
#include <limits.h>

#include <regex>
#include <sstream>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

// What could move a cursor, hide a line, forge one, end a quotation, or be two things at once.
const std::vector<std::string> kHostile = {
    "\x1b[2J\x1b]0;title\x07",
    "a\nsockopt[1]: all is well",
    "\r        \rsudo",
    "`reboot`",
    "%s%n%1000000d",
    "\\x1b[31m",
    "\xc2\x9b"
    "31m",
    "\xe2\x80\xae"
    "gpj.exe",
    "\xff\xfe\xf0",
    std::string(3'000, 'A'),
    std::string(3'000, '\x1b'),
    "\x7f\x01\x02",
};

// Names of files have to be shorter, and without a slash.
std::string as_name(const std::string& text) {
  const std::string name = text.substr(0, 100);
  return std::regex_replace(name, std::regex("/"), "_") + ".ini";
}

void expect_plain(const std::string& said, std::size_t fewest) {
  std::istringstream lines(said);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(std::regex_search(line, std::regex(R"(^sockopt\[\d+\]: )"))) << line;
    EXPECT_LT(line.size(), static_cast<std::size_t>(_POSIX_PIPE_BUF) * 2);
    for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << line;
  }
  EXPECT_GE(count, fewest) << said;
  EXPECT_LE(count, 20U) << said;
}

class HostileText : public ::testing::TestWithParam<std::size_t> {
 protected:
  const std::string& text() const { return kHostile[GetParam()]; }
  TemporaryDirectory directory_;
};

const Script kReadingOne = "socket s inet; get s TCP_KEEPCNT";

TEST_P(HostileText, InAFile) {
  const std::string t = text().substr(0, 150);
  const std::string file = "[sockopt]\nkeepcnt = 7\n" + t + " = 1\nkeepidle = " + t +
                           "\ncongestion = " + t + "\nlog = " + t + "\npreset = " + t + "\nraw." +
                           t + " = 1\n[" + t + "]\n[rule " + t + "]\nprogram = [" + t +
                           "\nlisten = " + t + "\nconnect = " + t + "\n";
  const Environment environment =
      shim_environment({{"SOCKOPT_CONFIG", directory_.write("sockopt.ini", file)}});
  const Played with = play(kReadingOne, environment);
  EXPECT_EQ(with.number("get s TCP_KEEPCNT"), 7);
  expect_plain(with.error(), 4);
}

TEST_P(HostileText, InThePathOfAFile) {
  const auto path = directory_.write(as_name(text()), "[sockopt]\nnonsense = 1\nkeepcnt = 7\n");
  const Played with = play(kReadingOne, shim_environment({{"SOCKOPT_CONFIG", path}}));
  EXPECT_EQ(with.number("get s TCP_KEEPCNT"), 7);
  expect_plain(with.error(), 1);
  EXPECT_EQ(occurrences(with.error(), "unknown option `nonsense`"), 1) << with.error();
}

TEST_P(HostileText, InThePathOfAFileThatIsNotThere) {
  const std::string path = (directory_ / "nothing").string() + text();
  const Played with = play(kReadingOne, shim_environment({{"SOCKOPT_CONFIG", path}}));
  expect_plain(with.error(), 1);
}

TEST_P(HostileText, InVariables) {
  const Environment environment = shim_environment({{"SOCKOPT_CONFIG", text()},
                                                    {"SOCKOPT_" + text(), text()},
                                                    {"SOCKOPT_RAW_" + text(), text()},
                                                    {"SOCKOPT_KEEPIDLE", text()},
                                                    {"SOCKOPT_CONGESTION", text()},
                                                    {"SOCKOPT_LOG", text()},
                                                    {"SOCKOPT_ENFORCE", text()},
                                                    {"SOCKOPT_KEEPCNT", "7"}});
  const Played with = play(kReadingOne, environment);
  EXPECT_EQ(with.number("get s TCP_KEEPCNT"), 7);
  expect_plain(with.error(), 6);
}

// At `debug` everything is said that there is to say, and the path in each line.
TEST_P(HostileText, InWhatIsSaidOfSettings) {
  const auto path = directory_.write(
      as_name(text()), "[sockopt]\nlog = debug\nkeepcnt = 7\ncongestion = no-such-thing\n");
  const Played with = play(kReadingOne, shim_environment({{"SOCKOPT_CONFIG", path}}));
  EXPECT_EQ(with.number("get s TCP_KEEPCNT"), 7);
  expect_plain(with.error(), 4);
  EXPECT_EQ(occurrences(with.error(), "was not set: "), 1) << with.error();
}

TEST_P(HostileText, InTheNameOfTheProgram) {
  const auto program = directory_ / as_name(text());
  std::filesystem::copy_file(victim("actor"), program);
  Command command = actor(kReadingOne, variables({{"KEEPCNT", "7"}, {"NONSENSE", "1"}}));
  command.argv[0] = program;
  const Played with = play(command);
  EXPECT_EQ(with.number("get s TCP_KEEPCNT"), 7);
  expect_plain(with.error(), 1);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, HostileText,
                         ::testing::Range(std::size_t{0}, kHostile.size()));

}  // namespace
}  // namespace sockopt::test
