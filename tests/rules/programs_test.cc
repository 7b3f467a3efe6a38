// SPDX-License-Identifier: MIT
//
// `program =` in running programs: the executable, what was exec'ed, argv[0], and the script that
// an interpreter runs, however it was told to.
#include <gtest/gtest.h>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

const std::string kVictims = source_directory() / "tests/rules/victims";
const std::string kPython = "/usr/bin/python3";

class Programs : public ::testing::Test {
 protected:
  // Whether the pattern matches what this command runs, which prints its keepidle.
  bool matches(const std::string& pattern, const Command& command) const {
    const RuleFile rules("[rule p]\nprogram = " + pattern + "\nkeepidle = 77s\n");
    Command with = command;
    for (const auto& [name, value] : rules.environment()) with.environment[name] = value;
    const Finished finished = run(with);
    EXPECT_TRUE(finished.success()) << finished.error;
    EXPECT_EQ(finished.error.find("sockopt["), std::string::npos) << finished.error;
    EXPECT_FALSE(finished.output.empty());
    return finished.output == "77\n";
  }

  bool matches(const std::string& pattern, const std::vector<std::string>& argv) const {
    return matches(pattern, Command{.argv = argv, .directory = directory_.path()});
  }

  void SetUp() override {
    if (access(kPython.c_str(), X_OK) != 0) GTEST_SKIP() << kPython << " is not installed";
    directory_.write("tool.py", read_file(kVictims + "/print_keepidle.py"), 0755);
    directory_.write("plain.py", read_file(kVictims + "/print_keepidle.py"));
    directory_.write("tool.pl", read_file(kVictims + "/print_keepidle.pl"), 0755);
    directory_.write("package/__main__.py", "");
  }

  TemporaryDirectory directory_;
};

TEST_F(Programs, AScriptThatIsRunByItsName) {
  for (const std::string pattern :
       {"tool.py", "t*.py", "*/tool.py", "python3*", "/usr/bin/python3*"}) {
    EXPECT_TRUE(matches(pattern, {"./tool.py"})) << pattern;
  }
  for (const std::string pattern :
       {"tool", "plain.py", "python", "/tool.py", "!tool.py", "tool.py, !python*"}) {
    EXPECT_FALSE(matches(pattern, {"./tool.py"})) << pattern;
  }
}

TEST_F(Programs, AScriptThatAnInterpreterIsGiven) {
  const std::vector<std::vector<std::string>> ways = {
      {kPython, "plain.py"},
      {kPython, "-u", "plain.py", "other.py"},
      {kPython, "-W", "ignore", "-X", "dev", "./plain.py"},
      {kPython, "-B", "-s", "--", "plain.py"},
      {kPython, "-E", "plain.py"},
      {kPython, "-I", "plain.py"},
      {kPython, "-m", "plain"},
      {"/usr/bin/env", "python3", "plain.py"},
  };
  for (const auto& argv : ways) {
    const std::string pattern = argv[1] == "-m" ? "plain" : "plain.py";
    EXPECT_TRUE(matches(pattern, argv)) << ::testing::PrintToString(argv);
    EXPECT_FALSE(matches("!" + pattern, argv)) << ::testing::PrintToString(argv);
    EXPECT_FALSE(matches("other.py", argv)) << ::testing::PrintToString(argv);
  }
}

TEST_F(Programs, AProgramTextIsNoScript) {
  const std::string text = "import socket; print(socket.socket().getsockopt(6, 4))";
  EXPECT_FALSE(matches("plain.py", {kPython, "-c", text, "plain.py"}));
  EXPECT_TRUE(matches("python3*", {kPython, "-c", text, "plain.py"}));
  EXPECT_FALSE(matches("import*", {kPython, "-c", text}));
}

TEST_F(Programs, AnotherInterpreter) {
  SOCKOPT_NEEDS("perl");
  EXPECT_TRUE(matches("tool.pl", {"./tool.pl"}));
  EXPECT_TRUE(matches("tool.pl", {"/usr/bin/perl", "-w", "tool.pl"}));
  EXPECT_TRUE(matches("tool.pl", {"/usr/bin/perl", "-I", "lib", "tool.pl"}));
  EXPECT_FALSE(
      matches("tool.pl", {"/usr/bin/perl", "-e", read_file(directory_ / "tool.pl"), "tool.pl"}));
}

TEST_F(Programs, ALinkAndAnotherZerothArgument) {
  std::filesystem::create_symlink(victim("actor"), directory_ / "renamed");
  const auto idle = [&](const std::string& pattern, const std::string& as) {
    const RuleFile rules("[rule p]\nprogram = " + pattern + "\nkeepidle = 77s\n");
    Command command = actor("socket s inet; get s TCP_KEEPIDLE", rules.environment());
    command.argv[0] = as;
    return play(command).number("get s TCP_KEEPIDLE") == 77;
  };
  const std::string link = directory_ / "renamed";
  for (const std::string pattern : {"renamed", "actor", "*/renamed", "*/actor"}) {
    EXPECT_TRUE(idle(pattern, link)) << pattern;
  }
  EXPECT_FALSE(idle("renamed", victim("actor")));
  EXPECT_FALSE(idle("actor, !renamed", link));
}

TEST_F(Programs, ADescendantHasItsOwnName) {
  const RuleFile rules("[rule p]\nprogram = python3*\nkeepidle = 77s\n");
  const Played played = rules.play({"socket s inet", "get s TCP_KEEPIDLE != 77",
                                    "exec " + kPython + " " + kVictims + "/print_keepidle.py"});
  EXPECT_NE(played.finished.output.find("\n77\n"), std::string::npos) << played.finished.output;
}

}  // namespace
}  // namespace sockopt::test
