// SPDX-License-Identifier: MIT
//
// People copy examples.  Each one that is a configuration passes the strict check.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/documentation/text.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

int expect_sound(const std::string& path) {
  int configurations = 0;
  for (const Block& block : blocks_of(path)) {
    // Unit files are INI files too.
    if (!block.text.starts_with("[sockopt]") && !block.text.starts_with("[rule ")) continue;
    ++configurations;
    const Checked checked = check(block.text);
    EXPECT_TRUE(checked.passed) << block.place << '\n' << block.text << checked.said;
  }
  return configurations;
}

TEST(Examples, OfTheReadme) { EXPECT_GE(expect_sound("README.md"), 1); }

// It is for a first look: details belong to the manual pages.
TEST(Readme, IsShort) { EXPECT_LE(lines_of("README.md").size(), 180U); }

TEST(Examples, OfTheManualPages) {
  EXPECT_GE(expect_sound("man/sockopt.ini.5"), 5);
  EXPECT_GE(expect_sound("man/sockopt.1"), 1);
  EXPECT_GE(expect_sound("man/sockopt-guide.7"), 9);
  expect_sound("man/libsockopt.7");
}

// What the page shows of files is in those files, which other tests use.
TEST(Examples, OfContainersAreOfTheRecipes) {
  std::string recipes;
  for (const char* folder :
       {"tools/container", "tools/kubernetes/node", "tools/kubernetes/init-container"}) {
    for (const auto& entry : std::filesystem::directory_iterator(source_directory() / folder)) {
      recipes += read_file(entry.path());
    }
  }
  int shown = 0;
  for (const Block& block : blocks_of("man/sockopt-containers.7")) {
    if (block.text.starts_with("$ ") || block.text.starts_with("tools/")) continue;
    ++shown;
    EXPECT_NE(recipes.find(block.text), std::string::npos) << block.place << '\n' << block.text;
  }
  EXPECT_GE(shown, 6);
}

}  // namespace
}  // namespace sockopt::test
