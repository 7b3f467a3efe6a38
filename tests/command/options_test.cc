// SPDX-License-Identifier: MIT
//
// `sockopt options` against the option table that it is made from.
#include <nlohmann/json.hpp>

#include "shim/options/table.h"
#include "shim/options/value.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

using Json = nlohmann::json;

Json options_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"options", "--json"});
  const Finished finished = sockopt(std::move(arguments));
  EXPECT_EQ(status(finished), 0) << finished.error;
  return Json::parse(finished.output);
}

Json kernel_name(const KernelName& name) {
  return name.exists() ? Json{{"level", name.level}, {"name", name.name}} : Json();
}

TEST(Options, AsJsonHaveEveryRowOfTheTable) {
  const Json document = options_json({});
  EXPECT_EQ(document["schema"], "sockopt.options/1");
  const Json& rows = document["options"];
  ASSERT_EQ(rows.size(), kOptionCount);
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    const Option option = kOptions[i];
    const Manual& manual = kManual[i];
    const Json& row = rows[i];
    SCOPED_TRACE(row.dump());
    EXPECT_EQ(row["key"], option.key.view());
    EXPECT_EQ(row["constant"], manual.constant);
    EXPECT_EQ(row["group"], group_name(option.group));
    EXPECT_EQ(row["min"], option.min);
    EXPECT_EQ(row["max"], option.max);
    EXPECT_EQ(row["ipv4"], kernel_name(option.ipv4));
    EXPECT_EQ(row["ipv6"], kernel_name(option.ipv6));
    EXPECT_EQ(row["both"], option.both);
    EXPECT_EQ(row["since"], option.since.view());
    EXPECT_EQ(row["default"], manual.initial);
    EXPECT_EQ(row["example"], manual.example);
    EXPECT_EQ(row["summary"], manual.summary);
    EXPECT_EQ(row["applied_at"].size(), std::popcount(option.hook_points));
    EXPECT_EQ(row["privilege"].is_null(), option.privilege == Privilege::kNone);
    for (const char* word : {"variable", "kind", "inherited", "read_back", "mptcp", "values"}) {
      EXPECT_FALSE(row[word].get<std::string>().empty()) << word;
    }
  }
}

TEST(Options, AsJsonSayWhatTheManualPagesSay) {
  const Json idle = options_json({"keepidle"})["options"][0];
  EXPECT_EQ(idle["variable"], "SOCKOPT_KEEPIDLE");
  EXPECT_EQ(idle["constant"], "TCP_KEEPIDLE");
  EXPECT_EQ(idle["kind"], "duration");
  EXPECT_EQ(idle["unit"], "s");
  EXPECT_EQ(idle["min"], 1);
  EXPECT_EQ(idle["max"], 32767);
  EXPECT_EQ(idle["ipv4"], (Json{{"level", 6}, {"name", 4}}));
  EXPECT_TRUE(idle["ipv6"].is_null());
  EXPECT_EQ(idle["applied_at"], Json::array({"socket"}));
  EXPECT_EQ(idle["inherited"], "yes");
  EXPECT_EQ(idle["mptcp"], "yes");

  const Json priority = options_json({"priority"})["options"][0];
  EXPECT_EQ(priority["applied_at"], Json::array({"socket", "accept"}));
  EXPECT_EQ(priority["inherited"], "no");
  EXPECT_EQ(priority["privilege"], "CAP_NET_ADMIN to raise");
  EXPECT_TRUE(priority["unit"].is_null());
}

TEST(Options, AreOneLineEachWhereNobodyLooksAtATerminal) {
  const Finished finished = sockopt({"options"});
  EXPECT_EQ(status(finished), 0);
  EXPECT_EQ(finished.output.find('\x1b'), std::string::npos);
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    const std::string start = '\n' + std::string(kOptions[i].key.view()) + ' ';
    const auto at = finished.output.find(start);
    ASSERT_NE(at, std::string::npos) << start;
    const std::string line =
        finished.output.substr(at + 1, finished.output.find('\n', at + 1) - at - 1);
    EXPECT_TRUE(line.ends_with(kManual[i].summary)) << line;
    EXPECT_TRUE(contains(line, std::string(kManual[i].initial)));
  }
  EXPECT_TRUE(contains(finished.output, "\ndead peers\n"));
  EXPECT_TRUE(contains(finished.output, "raw.LEVEL.NAME"));
}

TEST(Options, ByKeyTellEverythingOfThatOne) {
  const Finished finished = sockopt({"options", "tos", "keepidle"});
  EXPECT_EQ(status(finished), 0);
  EXPECT_TRUE(finished.output.starts_with("tos (IP_TOS): ")) << finished.output;
  EXPECT_TRUE(contains(finished.output, "\nkeepidle (TCP_KEEPIDLE): "));
  EXPECT_TRUE(contains(finished.output, "0/1 (IPv4), 41/67 (IPv6)"));
  EXPECT_TRUE(contains(finished.output, "  values      1s..32767s\n"));
  EXPECT_TRUE(contains(finished.output, "  variable    SOCKOPT_KEEPIDLE\n"));
}

TEST(Options, ThatHaveNoKeyAreKnownByTheirNumbersOnly) {
  const Finished finished = sockopt({"options", "raw.1.18"});
  EXPECT_EQ(status(finished), 2);
  EXPECT_TRUE(contains(finished.error, "`raw.1.18` is the option of level 1 and name 18"));
  EXPECT_TRUE(contains(finished.error, "sockopt.ini(5)"));
}

}  // namespace
}  // namespace sockopt::test
