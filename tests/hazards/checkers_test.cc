// SPDX-License-Identifier: MIT
//
// Programs under Valgrind. What it finds without the library it finds with it: nothing, as it is
// told by the suppressions that are installed beside the library.
#include <gtest/gtest.h>

#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

constexpr int kFound = 9;  // the exit status where there is something

// Every address and every option that a program sets has to be looked at.
constexpr std::string_view kCheckedRules =
    "[sockopt]\nkeepidle = 61s\npriority = 4\nquickack = on\nwindow_clamp = 64K\nlog = info\n"
    "nonsense = 1\n"
    "[rule servers]\nlisten = 127.0.0.1, [::1]\nkeepcnt = 5\nkeepidle = 62s\nenforce = yes\n"
    "[rule clients]\nconnect = 127.0.0.0/8, [::1]\nkeepcnt = 6\ntos = af21\n";

class Valgrind : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { SOCKOPT_NEEDS("valgrind"); }

  static Finished checked(const Environment& environment) {
    return run({.argv = {"valgrind", "-q", std::string("--tool=") + GetParam(),
                         "--error-exitcode=" + std::to_string(kFound),
                         "--suppressions=" + (source_directory() / "shim/valgrind.supp").string(),
                         victim("checked")},
                .environment = environment},
               6 * kPatience);
  }
};

TEST_P(Valgrind, FindsNothing) {
  const Finished without = checked(plain_environment());
  if (!without.success()) GTEST_SKIP() << "it finds something without us:\n" << without.error;
  const Finished with = checked(RuleFile(kCheckedRules).environment());
  EXPECT_TRUE(with.success());
  EXPECT_EQ(with.output, "served 20\n");
  EXPECT_EQ(with.error.find("=="), std::string::npos) << with.error;
  EXPECT_NE(with.error.find("nonsense"), std::string::npos) << "the library was not there";
}

INSTANTIATE_TEST_SUITE_P(, Valgrind, ::testing::Values("memcheck", "helgrind", "drd"),
                         [](const auto& tool) { return std::string(tool.param); });

}  // namespace
}  // namespace sockopt::test
