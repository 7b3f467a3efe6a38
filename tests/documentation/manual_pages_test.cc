// SPDX-License-Identifier: MIT
//
// The manual pages are sound mdoc, and name what is there.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
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
                         testing::Values("sockopt.1", "sockopt.ini.5", "libsockopt.7",
                                         "libsockopt-zmq.7", "sockopt-guide.7",
                                         "sockopt-containers.7"),
                         [](const auto& page) {
                           std::string name = page.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '.' || c == '-'; }, '_');
                           return name;
                         });

// `sockopt help` lists the verbs; each has its place in the page.
TEST(CommandPage, KnowsEveryVerb) {
  const Finished help = run({.argv = {build_directory() / "sockopt", "help"}});
  ASSERT_TRUE(help.success()) << help.error;
  std::string page;
  for (const std::string& line : lines_of("man/sockopt.1")) page += line + "\n";
  int verbs = 0;
  for (const std::string verb :
       {"run", "check", "explain", "show", "apply", "doctor", "options", "enable", "disable",
        "attach", "detach", "watch", "pods", "export", "help"}) {
    if (help.output.find("\n  " + verb + " ") == std::string::npos) continue;
    ++verbs;
    EXPECT_NE(page.find(verb), std::string::npos) << verb;
  }
  EXPECT_GT(verbs, 2) << help.output;
}

// The part of the page that is about a verb: from its item to the next verb's, or to the next
// section.
std::string part_about(const std::string& verb) {
  std::string text;
  bool inside = false;
  int depth = 0;
  for (const std::string& line : lines_of("man/sockopt.1")) {
    if (line.starts_with(".Bl ")) ++depth;
    if (line.starts_with(".El")) --depth;
    if (line.starts_with(".It Cm ") && depth == 1) inside = line == ".It Cm " + verb;
    if (line.starts_with(".Sh ") || depth == 0) inside = false;
    if (inside) text += line + '\n';
  }
  return text;
}

bool has(const std::string& text, const std::string& pattern) {
  return std::regex_search(text, std::regex(pattern));
}

// Each option of a verb's help is in what the page says of that verb, and the other way round.
TEST(CommandPage, KnowsTheOptionsOfEveryVerb) {
  int options = 0;
  for (const std::string verb :
       {"run", "check", "explain", "show", "apply", "doctor", "options", "enable", "disable",
        "attach", "detach", "watch", "pods", "export"}) {
    SCOPED_TRACE(verb);
    const Finished help = run({.argv = {build_directory() / "sockopt", "help", verb}});
    ASSERT_TRUE(help.success()) << help.error;
    const std::string page = part_about(verb);
    EXPECT_NE(page, "");
    std::set<std::string> offered;
    const std::regex option("\n  (?:-([A-Za-z]), )? *--([a-z-]+)");
    for (std::sregex_iterator at(help.output.begin(), help.output.end(), option), end; at != end;
         ++at) {
      const std::string letter = (*at)[1];
      const std::string name = (*at)[2];
      if (name == "help") continue;
      offered.insert(name);
      const bool told = has(page, "[ ,] ?-" + name + "\\b") ||
                        (!letter.empty() && has(page, "Fl " + letter + "\\b"));
      EXPECT_TRUE(told) << "--" << name << " is not in the page";
    }
    options += static_cast<int>(offered.size());
    const std::regex item("\n\\.It Fl (?:[A-Za-z] , )?-([a-z-]+)");
    for (std::sregex_iterator at(page.begin(), page.end(), item), end; at != end; ++at) {
      EXPECT_TRUE(offered.contains((*at)[1])) << "--" << (*at)[1] << " is not in the help";
    }
  }
  EXPECT_GT(options, 25);
}

}  // namespace
}  // namespace sockopt::test
