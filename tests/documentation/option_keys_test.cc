// SPDX-License-Identifier: MIT
//
// An option is added by adding a row; these tests say where else it is to be written about.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "shim/options/table.h"
#include "tests/documentation/text.h"

namespace sockopt::test {
namespace {

template <typename Predicate>
bool any_line(std::string_view path, const Predicate& predicate) {
  const auto lines = lines_of(path);
  return std::any_of(lines.begin(), lines.end(), predicate);
}

TEST(OptionKeys, StandCommentedOutInTheShippedFile) {
  const auto lines = lines_of("sockopt.ini");
  for (const Row& row : kRows) {
    const std::string start = ";" + std::string(row.option.key) + " = ";
    const auto count = std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.starts_with(start);
    });
    EXPECT_EQ(count, 1) << start;
  }
}

TEST(OptionKeys, AreItemsOfTheManualPage) {
  const auto lines = lines_of("man/sockopt.ini.5");
  for (const Row& row : kRows) {
    const std::string item = ".It Ic " + std::string(row.option.key) + " ";
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.starts_with(item);
    });
    ASSERT_NE(found, lines.end()) << item;
    EXPECT_NE(found->find(row.manual.constant), std::string::npos) << *found;
  }
}

TEST(OptionKeys, AreRowsOfTheReadme) {
  const auto lines = lines_of("README.md");
  for (const Row& row : kRows) {
    const std::string start =
        "| `" + std::string(row.option.key) + "` | `" + std::string(row.manual.constant);
    const auto count = std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.starts_with(start);
    });
    EXPECT_EQ(count, 1) << start;
  }
}

// The other way round: no row of the README's table and no item of the page is about an option
// that is gone.
TEST(OptionKeys, OfTheReadmeAreOptions) {
  std::size_t rows = 0;
  for (const std::string& line : lines_of("README.md")) {
    for (const std::string_view prefix : {"SO_", "TCP_", "IP_", "IPV6_"}) {
      if (!line.starts_with("| `") || line.find("| `" + std::string(prefix)) == line.npos) continue;
      const std::string key = line.substr(3, line.find('`', 3) - 3);
      EXPECT_TRUE(std::any_of(kRows.begin(), kRows.end(), [&](const Row& row) {
        return row.option.key == std::string_view(key);
      })) << line;
      ++rows;
      break;
    }
  }
  EXPECT_GE(rows + 1, kOptionCount) << "all but backlog, which is no constant";
}

TEST(OptionKeys, PrivilegesAreTold) {
  for (const Row& row : kRows) {
    if (row.option.privilege == Privilege::kNone) continue;
    const auto lines = lines_of("man/sockopt.ini.5");
    const std::string capability =
        row.option.privilege == Privilege::kNetRawToChange ? "CAP_NET_RAW" : "CAP_NET_ADMIN";
    const std::string item = ".It Ic " + std::string(row.option.key) + " ";
    bool inside = false;
    bool told = false;
    for (const std::string& line : lines) {
      if (line.starts_with(".It ")) inside = line.starts_with(item);
      told = told || (inside && line.find(capability) != std::string::npos);
    }
    EXPECT_TRUE(told) << row.option.key.view() << " needs " << capability
                      << ", at least for some values";
  }
}

}  // namespace
}  // namespace sockopt::test
