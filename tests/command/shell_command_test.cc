// SPDX-License-Identifier: MIT
//
// A command that is printed is one that can be copied: a shell makes the same words of it.
#include "tools/sockopt/report/shell_command.h"

#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

TEST(ShellCommand, IsTakenByAShellAsItWasMeant) {
  const std::vector<std::string> words = {"plain",
                                          "keepidle=60s",
                                          "[::1]:80",
                                          "a b",
                                          "it's",
                                          "$HOME `id` \"x\"",
                                          "back\\slash",
                                          "*",
                                          "",
                                          "~",
                                          "a;b",
                                          "two\nlines",
                                          "caf\xc3\xa9's \\ \x1b[1m"};
  std::string expected;
  for (const std::string& word : words) expected += word + '|';
  const Finished finished = run({.argv = {"bash", "-c", "printf '%s|' " + command_text(words)}});
  EXPECT_EQ(finished.output, expected) << command_text(words);
}

TEST(ShellCommand, IsNotQuotedWithoutNeed) {
  EXPECT_EQ(command_text({"sockopt", "apply", "-o", "keepidle=60s", "-c", "/etc/sockopt.ini"}),
            "sockopt apply -o keepidle=60s -c /etc/sockopt.ini");
}

}  // namespace
}  // namespace sockopt::test
