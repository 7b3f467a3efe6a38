// SPDX-License-Identifier: MIT
//
// How findings are shown: one line each, the worst first; on a terminal wrapped, with the command
// that fixes it whole on a line of its own.
#include "tools/sockopt/report/finding.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tools/sockopt/report/finding_json.h"
#include "tools/sockopt/report/finding_text.h"

namespace sockopt::test {
namespace {

Findings example() {
  return {Finding::ok("sandbox", "fine"),
          Finding::warning("backlog", "somaxconn 4096 < backlog 16384", "sysctl -w a=b"),
          Finding::note("keepalive", "good to know"),
          Finding::error("reach", "not in it\x1b[31m", "sockopt run")};
}

std::string printed(std::optional<std::size_t> width) {
  Output out;
  print_report(out, Style(false), width, example());
  return out.text();
}

TEST(FindingTest, IsALineWithTheWorstFirst) {
  EXPECT_EQ(printed(std::nullopt),
            "FAIL reach       not in it\\x1b[31m   fix: sockopt run\n"
            "WARN backlog     somaxconn 4096 < backlog 16384   fix: sysctl -w a=b\n"
            "NOTE keepalive   good to know\n"
            "OK   sandbox     fine\n");
}

TEST(FindingTest, IsWrappedToATerminal) {
  const std::string text = printed(45);
  EXPECT_NE(text.find("WARN backlog     somaxconn 4096 < backlog\n"
                      "                 16384\n"
                      "                 fix: sysctl -w a=b\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("NOTE keepalive   good to know\n"), std::string::npos) << text;
}

TEST(FindingTest, HasItsPlaceInFront) {
  Finding finding = Finding::error("config", "unknown option `keepidel`");
  finding.place = {"a\nb.ini", 7, 3, 8};
  EXPECT_EQ(finding.placed(), "a\\x0ab.ini:7:3: unknown option `keepidel`");
  Output out;
  print_report(out, Style(false), std::nullopt, {finding});
  EXPECT_EQ(out.text(), "FAIL config      a\\x0ab.ini:7:3: unknown option `keepidel`\n");
}

TEST(FindingTest, IsJson) {
  const auto json = findings_json(example());
  ASSERT_EQ(json.size(), 4u);
  EXPECT_EQ(json[0]["level"], "ok");
  EXPECT_TRUE(json[0]["fix"].is_null());
  EXPECT_TRUE(json[0]["file"].is_null());
  EXPECT_EQ(json[3]["level"], "error");
  EXPECT_EQ(json[3]["what"], "not in it\\x1b[31m");
  EXPECT_EQ(json[3]["fix"], "sockopt run");
}

}  // namespace
}  // namespace sockopt::test
