// SPDX-License-Identifier: MIT
//
// Bash completion, as bash calls it: with the words of the line, which it splits at `=`.
#include <unistd.h>

#include "tests/command/command.h"
#include "tests/support/paths.h"

namespace sockopt::test {
namespace {

class Completion : public testing::Test {
 protected:
  void SetUp() override {
    if (access("/bin/bash", X_OK) != 0) GTEST_SKIP() << "no /bin/bash here";
  }

  // What is offered for the last of these words, each between two blanks.
  static std::string offered(const std::vector<std::string>& words) {
    const std::string script =
        "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _sockopt; "
        "printf ' %s' \"${COMPREPLY[@]}\"; echo ' '";
    Command started;
    started.argv = {"/bin/bash",   "--norc",
                    "-c",          script,
                    "bash",        source_directory() / "tools/sockopt/completions/sockopt.bash",
                    command_path()};
    started.argv.insert(started.argv.end(), words.begin(), words.end());
    const Finished finished = run(started);
    EXPECT_TRUE(finished.success());
    EXPECT_EQ(finished.error, "");
    return finished.output;
  }
};

TEST_F(Completion, OffersVerbs) {
  EXPECT_TRUE(contains(offered({""}), " check "));
  EXPECT_TRUE(contains(offered({""}), " run "));
  EXPECT_EQ(offered({"opt"}), " options \n");
}

TEST_F(Completion, OffersKeysForSettings) {
  EXPECT_EQ(offered({"run", "-o", "keepi"}), " keepidle= keepintvl= \n");
  EXPECT_EQ(offered({"run", "-o", "nodelay", "=", "on", "--option", "keepc"}), " keepcnt= \n");
  EXPECT_EQ(offered({"options", "keepi"}), " keepidle keepintvl \n");
}

TEST_F(Completion, OffersTheOptionsOfTheVerb) {
  EXPECT_EQ(offered({"check", "--s"}), " --strict \n");
  EXPECT_EQ(offered({"run", "--c"}), " --config \n");
  EXPECT_EQ(offered({"options", "--j"}), " --json \n");
}

TEST_F(Completion, LeavesTheWordsOfTheProgramAlone) {
  EXPECT_EQ(offered({"run", "-o", "nodelay", "=", "on", "nginx", "--c"}), "  \n");
  EXPECT_EQ(offered({"run", "nginx", "-o", "keepi"}), "  \n");
  EXPECT_TRUE(contains(offered({"run", "--", "printen"}), " printenv "));
}

}  // namespace
}  // namespace sockopt::test
