// SPDX-License-Identifier: MIT
//
// The manual names every function that the library intercepts: whoever loads it into a program has
// to know.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <set>
#include <string>

#include "tests/documentation/text.h"

namespace sockopt::test {
namespace {

// The names of the version script; in which node one is depends on the architecture.
std::set<std::string> exported_names() {
  std::set<std::string> names;
  const std::regex entry("    ([a-z_0-9]+);.*");
  std::smatch part;
  for (const std::string& line : lines_of("shim/preload/libsockopt.map")) {
    if (std::regex_match(line, part, entry)) names.insert(part[1]);
  }
  return names;
}

bool is_of_32_bits_only(const std::string& name) { return name.starts_with("__"); }

// From the line that has `begin` in it, as far as the next that starts with `end`.
std::string part_of(std::string_view path, std::string_view begin, std::string_view end) {
  std::string text;
  for (const std::string& line : lines_of(path)) {
    if (text.empty() && line.find(begin) == std::string::npos) continue;
    if (!text.empty() && line.starts_with(end)) break;
    text += line + '\n';
  }
  return text;
}

TEST(ExportedNames, AreToldInTheManualPage) {
  const std::string told = part_of("man/libsockopt.7", ".Sh DESCRIPTION", ".Ss ");
  const std::set<std::string> names = exported_names();
  EXPECT_EQ(std::count_if(names.begin(), names.end(), std::not_fn(is_of_32_bits_only)), 9)
      << "the page says `nine`";
  for (const std::string& name : names) {
    const std::string macro = is_of_32_bits_only(name) ? "\n.Fn " + name : "\n.Xr " + name + " 2";
    EXPECT_NE(told.find(macro), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace sockopt::test
