// SPDX-License-Identifier: MIT
//
// There is one version: the build's, which is the command's, the libraries' and the packages'.
// Documents that name it are not left behind.
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "tests/documentation/text.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

TEST(Version, IsTheNewestOfTheChangelog) {
  static const std::regex kHeading("## \\[([0-9.]+)\\].*");
  for (const std::string& line : lines_of("CHANGELOG.md")) {
    std::smatch heading;
    if (!std::regex_match(line, heading, kHeading)) continue;
    EXPECT_EQ(heading[1], SOCKOPT_VERSION);
    break;
  }
  EXPECT_EQ(run({.argv = {(build_directory() / "sockopt").string(), "--version"}}).output,
            "sockopt " SOCKOPT_VERSION "\n");
}

// Files and images whose names have a version: `libsockopt-1.0.0-linux-x86_64.tar.gz`.
TEST(Version, IsThatOfTheFilesThatDocumentsName) {
  static const std::regex kFile("sockopt[-_:]([0-9]+[.][0-9]+[.][0-9]+)");
  int found = 0;
  for (const char* document :
       {"README.md", "CONTRIBUTING.md", "man/sockopt.1", "man/sockopt.ini.5", "man/libsockopt.7",
        "man/sockopt-guide.7", "man/sockopt-containers.7", "tools/kubernetes/node/daemonset.yaml",
        "tools/kubernetes/init-container/patch.yaml"}) {
    for (const std::string& line : lines_of(document)) {
      for (std::sregex_iterator it(line.begin(), line.end(), kFile), end; it != end;
           ++it, ++found) {
        EXPECT_EQ((*it)[1], SOCKOPT_VERSION) << document << ": " << line;
      }
    }
  }
  EXPECT_GE(found, 8);
}

}  // namespace
}  // namespace sockopt::test
