// SPDX-License-Identifier: MIT
//
// The documents tell every function that the library puts itself in front of: whoever decides to
// load it into a program has to know.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <string>
#include <vector>

#include "tests/documentation/text.h"

namespace sockopt::test {
namespace {

// The names of the version script, in its order.
std::vector<std::string> exported_names() {
  std::vector<std::string> names;
  const std::regex entry("    ([a-z_0-9]+);.*");
  std::smatch part;
  for (const std::string& line : lines_of("shim/preload/libsockopt.map")) {
    // A name that has its version by the architecture stands in the map once for each.
    if (std::regex_match(line, part, entry) &&
        std::find(names.begin(), names.end(), part[1]) == names.end()) {
      names.push_back(part[1]);
    }
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
  const std::vector<std::string> names = exported_names();
  EXPECT_EQ(std::count_if(names.begin(), names.end(), std::not_fn(is_of_32_bits_only)), 9)
      << "the page says `nine`";
  for (const std::string& name : names) {
    const std::string macro = is_of_32_bits_only(name) ? "\n.Fn " + name : "\n.Xr " + name + " 2";
    EXPECT_NE(told.find(macro), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace sockopt::test
