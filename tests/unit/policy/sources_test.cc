// SPDX-License-Identifier: MIT
//
// Rules out of several files: sockopt.ini first, then sockopt.d/*.ini by name, then the variables;
// whatever comes later is stronger.
#include <memory>

#include "shim/config/load.h"
#include "shim/options/lookup.h"
#include "shim/policy/plan.h"
#include "tests/support/configuration.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/policy/addresses.h"

namespace sockopt::test {
namespace {

class Sources : public ::testing::Test {
 protected:
  void load(const std::vector<std::string>& variables = {}) {
    const Variables environment(variables);
    const std::string file = directory_ / "sockopt.ini";
    const std::string more = directory_ / "sockopt.d";
    load_policy({environment.get(), file.c_str(), more.c_str(), geteuid()}, *policy_,
                faults_.sink());
    plan_->make(*policy_, Program());
  }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(directory_ / "sockopt.d");
    directory_.write(name, text);
  }

  std::string listen(std::string_view where, std::string_view key) const {
    Decision decision;
    plan_->decide(Side::kListen, address_of(where), decision);
    const OptionId id = find_option(key);
    if (!decision.wanted.contains(id)) return "-";
    TextOf<300> text;
    format_value(policy_->option(id), decision.settings[id]->value, text);
    text << ' ';
    policy_->describe_origin(*decision.settings[id], text);
    std::string result(text.view());
    const std::string prefix = directory_.path();
    if (const auto at = result.find(prefix); at != result.npos) result.erase(at, prefix.size() + 1);
    return result;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Policy> policy_ = std::make_unique<Policy>();
  std::unique_ptr<Plan> plan_ = std::make_unique<Plan>();
  FaultList faults_;
};

TEST_F(Sources, LaterFilesWinByName) {
  write("sockopt.ini", "[sockopt]\nkeepidle = 1s\nkeepcnt = 1\nttl = 1\nkeepintvl = 1s\n");
  write("sockopt.d/20-b.ini", "[sockopt]\nkeepidle = 3s\nkeepcnt = 3\n");
  write("sockopt.d/10-a.ini", "[sockopt]\nkeepidle = 2s\nkeepcnt = 2\nttl = 2\n");
  write("sockopt.d/9.ini", "[sockopt]\nkeepidle = 4s\n");
  load();
  EXPECT_EQ(faults_.lines(), std::vector<std::string>{});
  EXPECT_EQ(listen("0.0.0.0:80", "keepidle"), "4s sockopt.d/9.ini:2")
      << "by characters, not as numbers";
  EXPECT_EQ(listen("0.0.0.0:80", "keepcnt"), "3 sockopt.d/20-b.ini:3");
  EXPECT_EQ(listen("0.0.0.0:80", "ttl"), "2 sockopt.d/10-a.ini:4");
  EXPECT_EQ(listen("0.0.0.0:80", "keepintvl"), "1s sockopt.ini:5");
}

TEST_F(Sources, ARuleOfAnEarlierFileLosesToTheBaseOfALaterOne) {
  write("sockopt.ini", "[rule web]\nlisten = 80\nkeepidle = 10s\nkeepcnt = 3\n");
  write("sockopt.d/a.ini", "[sockopt]\nkeepidle = 60s\n");
  load();
  EXPECT_EQ(listen("0.0.0.0:80", "keepidle"), "60s sockopt.d/a.ini:2");
  EXPECT_EQ(listen("0.0.0.0:80", "keepcnt"), "3 sockopt.ini:4");
  EXPECT_FALSE(plan_->deferred().contains(find_option("keepidle")));
  EXPECT_TRUE(plan_->deferred().contains(find_option("keepcnt")));
}

TEST_F(Sources, TheSameNameInTwoFilesIsTwoRules) {
  write("sockopt.d/a.ini", "[rule web]\nlisten = 80\nkeepidle = 10s\n");
  write("sockopt.d/b.ini", "[rule web]\nlisten = 80-81\nkeepidle = 20s\n");
  load();
  EXPECT_EQ(faults_.lines(), std::vector<std::string>{});
  EXPECT_EQ(listen("0.0.0.0:80", "keepidle"), "20s sockopt.d/b.ini:3");
}

TEST_F(Sources, VariablesAreTheLastWord) {
  write("sockopt.ini", "[sockopt]\nenforce = yes\nkeepidle = 1s\n");
  write("sockopt.d/a.ini", "[rule web]\nlisten = 80\nkeepidle = 2s\n");
  load({"SOCKOPT_KEEPIDLE=3"});
  EXPECT_EQ(listen("0.0.0.0:80", "keepidle"), "3s SOCKOPT_KEEPIDLE");
  EXPECT_TRUE(plan_->deferred().empty());
  EXPECT_TRUE(plan_->base().enforced.empty()) << "enforcement belongs to the setting that wins";
}

TEST_F(Sources, OnlyIniFilesThatAreNotHidden) {
  for (const std::string name : {"x.ini.bak", "x.ini~", ".x.ini", "x.conf", "ini"}) {
    write("sockopt.d/" + name, "[sockopt]\nkeepidle = 9s\n");
  }
  write("sockopt.d/x.ini", "[sockopt]\nttl = 9\n");
  load();
  EXPECT_EQ(faults_.lines(), std::vector<std::string>{});
  EXPECT_EQ(listen("0.0.0.0:80", "keepidle"), "-");
  EXPECT_EQ(listen("0.0.0.0:80", "ttl"), "9 sockopt.d/x.ini:2");
}

TEST_F(Sources, AFileThatIsNamedStandsAlone) {
  write("sockopt.ini", "[sockopt]\nkeepidle = 1s\n");
  write("sockopt.d/a.ini", "[sockopt]\nkeepcnt = 1\n");
  write("mine.ini", "[sockopt]\nttl = 1\n");
  load({"SOCKOPT_CONFIG=" + (directory_ / "mine.ini").string()});
  EXPECT_EQ(listen("0.0.0.0:80", "ttl"), "1 mine.ini:2");
  EXPECT_EQ(listen("0.0.0.0:80", "keepidle"), "-");
  EXPECT_EQ(listen("0.0.0.0:80", "keepcnt"), "-");
}

TEST_F(Sources, AFaultInOneFileLeavesTheOthers) {
  write("sockopt.d/a.ini", "[sockopt]\nkeepidle = 1s\n");
  write("sockopt.d/b.ini", "[rule x]\nlisten = nowhere\nkeepidle = 2s\n[rule y]\nkeepidle = 3s\n");
  write("sockopt.d/c.ini", "keepidle = 4s\n[other]\nkeepidle = 5s\n");
  write("sockopt.d/d.ini", "[sockopt]\nttl = 9\n");
  load();
  EXPECT_EQ(faults_.lines().size(), 4u);
  EXPECT_EQ(listen("0.0.0.0:80", "keepidle"), "1s sockopt.d/a.ini:2");
  EXPECT_EQ(listen("0.0.0.0:80", "ttl"), "9 sockopt.d/d.ini:2");
}

TEST_F(Sources, OneThatOthersMayWriteToIsRefusedByItself) {
  write("sockopt.d/a.ini", "[sockopt]\nkeepidle = 1s\n");
  write("sockopt.d/b.ini", "[sockopt]\nkeepidle = 2s\n");
  std::filesystem::permissions(directory_ / "sockopt.d/b.ini", std::filesystem::perms::all);
  load();
  EXPECT_EQ(listen("0.0.0.0:80", "keepidle"), "1s sockopt.d/a.ini:2");
  ASSERT_EQ(faults_.lines().size(), 1u);
  EXPECT_NE(faults_.lines()[0].find("b.ini: not read: it "), std::string::npos);
}

}  // namespace
}  // namespace sockopt::test
