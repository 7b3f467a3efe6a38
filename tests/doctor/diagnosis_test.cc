// SPDX-License-Identifier: MIT
//
// How findings are shown: one line each, the worst first; on a terminal wrapped, with the command
// that mends it whole on a line of its own.
#include "tools/sockopt/diagnosis/diagnosis.h"

#include <gtest/gtest.h>

namespace sockopt::test {
namespace {

const Examined kExample = {
    .kind = "process",
    .name = "nginx(812)",
    .found = {Diagnosis::ok("sandbox", "fine"),
              Diagnosis::warn("backlog", "somaxconn 4096 < backlog 16384", "sysctl -w a=b"),
              Diagnosis::note("keepalive", "good to know"),
              Diagnosis::fail("reach", "not in it\x1b[31m", "sockopt run")}};

std::string printed(const Examined& examined, std::optional<std::size_t> width) {
  Output out;
  print_examined(out, Style(false), width, examined);
  return out.text();
}

TEST(Diagnosis, IsALineWithTheWorstFirst) {
  EXPECT_EQ(printed(kExample, std::nullopt),
            "process nginx(812)\n"
            "FAIL reach       not in it\\x1b[31m   mend: sockopt run\n"
            "WARN backlog     somaxconn 4096 < backlog 16384   mend: sysctl -w a=b\n"
            "NOTE keepalive   good to know\n"
            "OK   sandbox     fine\n");
}

TEST(Diagnosis, IsWrappedToATerminal) {
  const std::string text = printed(kExample, 45);
  EXPECT_NE(text.find("WARN backlog     somaxconn 4096 < backlog\n"
                      "                 16384\n"
                      "                 mend: sysctl -w a=b\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("NOTE keepalive   good to know\n"), std::string::npos) << text;
}

TEST(Diagnosis, IsJson) {
  const auto json = examined_json(kExample);
  EXPECT_EQ(json["kind"], "process");
  ASSERT_EQ(json["findings"].size(), 4u);
  EXPECT_EQ(json["findings"][0]["level"], "ok");
  EXPECT_TRUE(json["findings"][0]["mend"].is_null());
  EXPECT_EQ(json["findings"][3]["what"], "not in it\\x1b[31m");
  EXPECT_EQ(json["findings"][3]["mend"], "sockopt run");
}

}  // namespace
}  // namespace sockopt::test
