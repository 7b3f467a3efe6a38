// SPDX-License-Identifier: MIT
//
// An option is added by adding a row; these tests say where else it is to be written about.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include "shim/options/lookup.h"
#include "shim/options/table.h"
#include "shim/zmq/table.h"
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

// The page about ZeroMQ: each option with its constant and what libzmq has without us, and no
// other.
TEST(OptionKeys, OfZeroMqAreItemsOfItsPage) {
  std::set<std::string> expected;
  for (const zmq::Row& row : zmq::kRows) {
    expected.insert(".It Ic " + std::string(row.option.key.view()) + " Pq Dv " +
                    std::string(row.manual.constant) + " ; default: " +
                    std::regex_replace(std::string(row.manual.initial), std::regex("-1"), "\\-1"));
  }
  std::set<std::string> items;
  for (const std::string& line : lines_of("man/libsockopt-zmq.7")) {
    if (line.find(" Pq Dv ZMQ_") != std::string::npos) items.insert(line);
  }
  EXPECT_EQ(items, expected);
}

// The other way round: no item of the page is about an option that is gone.
TEST(OptionKeys, OfTheManualPageAreOptions) {
  const std::regex item(R"(\.It Ic (\S+) P[oq] Dv (?:SO|TCP|IP|IPV6)_.*)");
  std::smatch part;
  std::size_t items = 0;
  for (const std::string& line : lines_of("man/sockopt.ini.5")) {
    if (!std::regex_match(line, part, item)) continue;
    EXPECT_NE(find_option(part[1].str()), kNoOption) << line;
    ++items;
  }
  EXPECT_EQ(items + 2, kOptionCount)
      << "all but backlog and mptcp, which are no options of a socket";
}

TEST(OptionKeys, AreCountedInTheReadme) {
  std::string text;
  for (const std::string& line : lines_of("README.md")) text += line + '\n';
  const std::string others = std::to_string(kOptionCount - 3);
  EXPECT_NE(text.find("no Nagle delay, and " + others + " more"), std::string::npos)
      << "keepalive, backlog, nodelay, and " << others;
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
