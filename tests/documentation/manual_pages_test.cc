// SPDX-License-Identifier: MIT
//
// The manual pages are sound mdoc, and name what is there.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/documentation/text.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

class ManualPage : public testing::TestWithParam<std::string> {};

TEST_P(ManualPage, HasNothingThatMandocWarnsOf) {
  if (run({.argv = {"sh", "-c", "command -v mandoc"}}).output.empty()) {
    GTEST_SKIP() << "mandoc is not installed";
  }
  const auto page = source_directory() / "man" / GetParam();
  ASSERT_TRUE(std::filesystem::exists(page));
  const Finished finished = run({.argv = {"mandoc", "-T", "lint", "-W", "warning", page}});
  EXPECT_EQ(finished.output + finished.error, "");
  EXPECT_TRUE(finished.success());
}

TEST_P(ManualPage, HasTheSectionsOfAPage) {
  const auto lines = lines_of("man/" + GetParam());
  for (const std::string section : {".Sh NAME", ".Sh DESCRIPTION", ".Sh SEE ALSO"}) {
    EXPECT_NE(std::find(lines.begin(), lines.end(), section), lines.end()) << section;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, ManualPage,
                         testing::Values("sockopt.1", "sockopt.ini.5", "libsockopt.7"),
                         [](const auto& page) {
                           std::string name = page.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

// `sockopt help` lists the verbs; each has its place in the page.
TEST(CommandPage, KnowsEveryVerb) {
  const Finished help = run({.argv = {build_directory() / "sockopt", "help"}});
  ASSERT_TRUE(help.success()) << help.error;
  std::string page;
  for (const std::string& line : lines_of("man/sockopt.1")) page += line + "\n";
  int verbs = 0;
  for (const std::string verb : {"run", "check", "explain", "show", "apply", "doctor", "options",
                                 "enable", "disable", "help"}) {
    if (help.output.find("\n  " + verb + " ") == std::string::npos) continue;
    ++verbs;
    EXPECT_NE(page.find(verb), std::string::npos) << verb;
  }
  EXPECT_GT(verbs, 2) << help.output;
}

}  // namespace
}  // namespace sockopt::test
