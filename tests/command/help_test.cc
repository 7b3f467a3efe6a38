// SPDX-License-Identifier: MIT
//
// Who calls the command without knowing it learns what it can do, and who mistypes what was meant.
#include <sstream>

#include "tests/support/sockopt_command.h"
#include "tools/sockopt/verbs.h"

namespace sockopt::test {
namespace {

TEST(Help, WithoutArgumentsSaysWhatItCanDoAndWhatOnlyLooksFirst) {
  const Finished help = sockopt({});
  EXPECT_EQ(status(help), 0);
  EXPECT_EQ(help.error, "");
  const auto check = help.output.find("\n  check ");
  const auto run = help.output.find("\n  run ");
  ASSERT_NE(check, std::string::npos);
  ASSERT_NE(run, std::string::npos);
  EXPECT_LT(check, run);
  EXPECT_TRUE(contains(help.output, "Examples:"));
  EXPECT_LE(count(help.output, "\n"), 24) << "more than a screenful";
}

TEST(Help, IsTheSameForEveryWayToAsk) {
  const std::string overview = sockopt({}).output;
  for (const char* spelling : {"help", "--help", "-h"}) {
    const Finished help = sockopt({spelling});
    EXPECT_EQ(status(help), 0) << spelling;
    EXPECT_EQ(help.output, overview) << spelling;
  }
  const std::string check = sockopt({"help", "check"}).output;
  EXPECT_EQ(sockopt({"check", "--help"}).output, check);
  EXPECT_EQ(sockopt({"check", "-h"}).output, check);
}

TEST(Help, OfEachVerbHasUsageDescriptionAndExamples) {
  for (const Verb* known : verbs()) {
    const std::string verb(known->name);
    const Finished help = sockopt({"help", verb});
    EXPECT_EQ(status(help), 0) << verb;
    EXPECT_TRUE(help.output.starts_with("Usage: sockopt " + verb + " ")) << help.output;
    EXPECT_TRUE(contains(help.output, "Examples:\n  sockopt ") ||
                contains(help.output, "Examples:\n  sudo sockopt "));
    EXPECT_TRUE(contains(help.output, "-h, --help"));
  }
}

// What the usage line leaves out does not seem to be there.
TEST(Help, UsageHasEveryOption) {
  for (const Verb* known : verbs()) {
    const std::string help = sockopt({"help", std::string(known->name)}).output;
    const std::string usage = help.substr(0, help.find("\n\n"));
    std::istringstream lines(help.substr(usage.size()));
    for (std::string line; std::getline(lines, line);) {
      const std::size_t dash = line.find_first_not_of(' ');
      if (dash == line.npos || dash == 0 || dash > 8 || line[dash] != '-') continue;
      const std::string all = line.substr(dash, line.find("  ", dash) - dash);
      if (contains(all, "--help")) continue;
      std::istringstream words(all);
      bool is_there = false;
      for (std::string word; words >> word;) {
        if (word.ends_with(',')) word.pop_back();
        is_there = is_there || (word.starts_with('-') && contains(usage, word));
      }
      EXPECT_TRUE(is_there) << known->name << ": " << all << " is not in\n" << usage;
    }
  }
}

// A terminal is 80 columns wide.
TEST(Help, IsNoWiderThanATerminal) {
  for (const std::string verb :
       {"", "show", "doctor", "check", "explain", "options", "help", "run", "apply", "enable",
        "disable", "attach", "detach", "watch", "pods", "export"}) {
    std::istringstream lines(sockopt({"help", verb}).output);
    if (verb.empty()) lines.str(sockopt({"help"}).output);
    int number = 0;
    for (std::string line; std::getline(lines, line); ++number) {
      EXPECT_LE(line.size(), 80U) << verb << ": " << line;
    }
    EXPECT_GT(number, 5) << verb;
  }
}

TEST(Help, SaysItsVersion) {
  const Finished version = sockopt({"--version"});
  EXPECT_EQ(status(version), 0);
  EXPECT_EQ(version.output, "sockopt " SOCKOPT_VERSION "\n");
}

struct Mistake {
  std::vector<std::string> arguments;
  int exit_status;
  std::string first_line;
};

void PrintTo(const Mistake& one, std::ostream* out) { *out << one.first_line; }

class Usage : public testing::TestWithParam<Mistake> {};

TEST_P(Usage, IsOneLineAndAHint) {
  const Finished finished = sockopt(GetParam().arguments);
  EXPECT_EQ(status(finished), GetParam().exit_status);
  EXPECT_EQ(finished.output, "");
  const auto end = finished.error.find('\n');
  EXPECT_EQ(finished.error.substr(0, end), GetParam().first_line);
  EXPECT_TRUE(finished.error.substr(end + 1).starts_with("Try: sockopt help")) << finished.error;
  EXPECT_EQ(count(finished.error, "\n"), 2);
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, Usage,
    testing::Values(
        Mistake{{"chekc"}, 2, "sockopt: chekc: no such command; did you mean `check`?"},
        Mistake{
            {"nginx"}, 2, "sockopt: nginx: no such command; to start a program: sockopt run nginx"},
        Mistake{{"-o", "nodelay=on", "nginx"},
                2,
                "sockopt: -o: no such option; options go after the command: sockopt run -o "
                "nodelay=on nginx"},
        Mistake{{"\x1b[31m"},
                2,
                "sockopt: \\x1b[31m: no such command; to start a program: sockopt run \\x1b[31m"},
        Mistake{{"check", "--strit"},
                2,
                "sockopt: check: unknown option `--strit`; did you mean `--strict`?"},
        Mistake{{"check", "-x"}, 2, "sockopt: check: unknown option `-x`"},
        Mistake{
            {"help", "rnu"}, 2, "sockopt: help: there is no command `rnu`; did you mean `run`?"},
        Mistake{{"help", "run", "check"}, 2, "sockopt: help: unexpected argument `check`"},
        Mistake{{"options", "keepidel"},
                2,
                "sockopt: options: unknown option `keepidel`; did you mean `keepidle`?"},
        Mistake{{"options", "tcp_keepalive_time"},
                2,
                "sockopt: options: unknown option `tcp_keepalive_time`; did you mean `keepidle`?"},
        Mistake{{"run"}, 125, "sockopt: run: which program?"},
        Mistake{{"run", "--bogus", "true"}, 125, "sockopt: run: unknown option `--bogus`"},
        Mistake{{"run", "-c", "", "true"}, 125, "sockopt: run: --config: needs a value"},
        Mistake{{"run", "-o"}, 125, "sockopt: run: --option: needs a value"},
        Mistake{{"run", "-c", "a", "-c", "b", "true"},
                125,
                "sockopt: run: --config: given more than once"}));

}  // namespace
}  // namespace sockopt::test
