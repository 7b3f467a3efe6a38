// SPDX-License-Identifier: MIT
//
// Of all matching settings the last one holds, option by option, and `default` cancels what was
// before it.  What an address rule may still change waits, and nothing else does.
#include "shim/policy/plan.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "shim/options/lookup.h"
#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

class Planned {
 public:
  explicit Planned(std::string_view text, const std::vector<std::string>& variables = {},
                   std::string_view program = "/usr/sbin/nginx")
      : configuration_(text, variables), plan_(std::make_unique<Plan>()) {
    EXPECT_TRUE(configuration_.faults().empty()) << configuration_.rendered();
    const auto runs = std::make_unique<Program>();
    runs->set(program, program, {});
    plan_->make(configuration_.policy(), *runs);
  }

  const Plan* operator->() const { return plan_.get(); }

  // The settings of a decision: `keepidle=60s nodelay=on!`, with ! where they are enforced.
  std::string base() const { return rendered(plan_->base()); }
  std::string listen(std::string_view where) const { return at(Side::kListen, where); }
  std::string connect(std::string_view where) const { return at(Side::kConnect, where); }

 private:
  std::string at(Side side, std::string_view where) const {
    Address address;
    TextOf<200> error;
    EXPECT_TRUE(parse_address(where, address, error)) << where;
    Decision decision;
    plan_->decide(side, address, decision);
    return rendered(decision);
  }

  std::string rendered(const Decision& decision) const {
    std::string all;
    for (const OptionId id : decision.wanted) {
      const Option& option = configuration_.policy().option(id);
      TextOf<100> text;
      text << (all.empty() ? "" : " ") << option.key.view() << '=';
      format_value(option, decision.settings[id]->value, text);
      if (decision.enforced.contains(id)) text << '!';
      all += text.view();
    }
    EXPECT_TRUE(decision.enforced.without(decision.wanted).empty());
    return all;
  }

  Configuration configuration_;
  std::unique_ptr<Plan> plan_;
};

TEST(Plan, OfNothingIsEmpty) {
  const Planned plan("");
  EXPECT_TRUE(plan->empty());
  EXPECT_TRUE(plan->deferred().empty());
  EXPECT_EQ(plan.base(), "");
  EXPECT_EQ(plan.listen("0.0.0.0:80"), "");
}

TEST(Plan, TheLastSettingHolds) {
  const Planned plan("[sockopt]\nkeepidle = 60s\nnodelay = on\n",
                     {"SOCKOPT_KEEPIDLE=30", "SOCKOPT_KEEPIDLE=20"});
  EXPECT_EQ(plan.base(), "keepidle=20s nodelay=on");
  EXPECT_TRUE(plan->deferred().empty());
}

TEST(Plan, DefaultCancels) {
  const Planned plan("[sockopt]\nkeepidle = 60s\nbacklog = 100\nnodelay = default\n",
                     {"SOCKOPT_KEEPIDLE=default", "SOCKOPT_BACKLOG=Default"});
  EXPECT_EQ(plan.base(), "");
  EXPECT_EQ(plan.listen("0.0.0.0:80"), "");
}

TEST(Plan, AfterDefaultAnotherSettingHoldsAgain) {
  EXPECT_EQ(Planned("[sockopt]\nkeepidle = default\n", {"SOCKOPT_KEEPIDLE=5"}).base(),
            "keepidle=5s");
}

TEST(Plan, EveryOptionIsDueAtTheMomentsOfItsRow) {
  for (const Row& row : kRows) {
    const OptionId id = find_option(row.option.key.view());
    const Planned plan("[sockopt]\n" + std::string(row.option.key.view()) + " = " +
                       std::string(row.manual.example) + "\n");
    EXPECT_EQ(plan->base().wanted, OptionSet::of(id)) << row.option.key.view();
    EXPECT_EQ(plan->possible(), OptionSet::of(id));
    for (const HookPoint hook_point : {kInSocket, kAtSocket, kBeforeBind, kBeforeListen,
                                       kAfterListen, kBeforeConnect, kAfterConnect, kAtAccept}) {
      const bool expected =
          (row.option.hook_points & hook_point) != 0 && row.option.kind != Kind::kBacklog;
      EXPECT_EQ(plan->at(hook_point).contains(id), expected)
          << row.option.key.view() << ' ' << hook_point;
    }
  }
}

TEST(Plan, RawOptionsAreDueAtSocketAndAgainAtListen) {
  const Planned plan("[sockopt]\nraw.6.200 = 1\nraw.6.201 = default\n");
  const auto raw = static_cast<OptionId>(kOptionCount);
  EXPECT_EQ(plan->base().wanted, OptionSet::of(raw));
  EXPECT_TRUE(plan->at(kAtSocket).contains(raw));
  EXPECT_TRUE(plan->at(kBeforeListen).contains(raw));
  EXPECT_FALSE(plan->at(kBeforeConnect).contains(raw));
}

TEST(Plan, RulesForOtherProgramsAreNotInIt) {
  const auto* text =
      "[sockopt]\nkeepidle = 60s\n[rule a]\nprogram = redis*\nkeepidle = 10s\nttl = 9\n"
      "[rule b]\nprogram = redis*\nlisten = 80\nbacklog = 5\n";
  EXPECT_EQ(Planned(text).base(), "keepidle=60s");
  EXPECT_TRUE(Planned(text)->deferred().empty());
  EXPECT_EQ(Planned(text, {}, "/usr/bin/redis-server").base(), "keepidle=10s ttl=9");
  EXPECT_FALSE(Planned(text, {}, "/usr/bin/redis-server")->deferred().empty());
}

TEST(Plan, AnAddressRuleWaitsForItsAddress) {
  const Planned plan(
      "[sockopt]\nkeepidle = 60s\nnodelay = on\n[rule web]\nlisten = 80\nkeepidle = 10s\n"
      "backlog = 500\n");
  EXPECT_EQ(plan->deferred(),
            OptionSet::of(find_option("keepidle")) | OptionSet::of(find_option("backlog")));
  EXPECT_EQ(plan.base(), "keepidle=60s nodelay=on");
  EXPECT_EQ(plan.listen("0.0.0.0:80"), "keepidle=10s backlog=500 nodelay=on");
  EXPECT_EQ(plan.listen("0.0.0.0:81"), "keepidle=60s nodelay=on");
  EXPECT_EQ(plan.connect("192.0.2.1:80"), "keepidle=60s nodelay=on");
}

TEST(Plan, WhatALaterRuleOverrulesDoesNotWait) {
  const Planned plan(
      "[rule web]\nlisten = 80\nkeepidle = 10s\nkeepcnt = 3\n[sockopt]\nkeepidle = 60s\n",
      {"SOCKOPT_KEEPCNT=9"});
  EXPECT_TRUE(plan->deferred().empty());
  EXPECT_EQ(plan.listen("0.0.0.0:80"), "keepidle=60s keepcnt=9");
}

TEST(Plan, TheLastMatchingRuleWins) {
  const Planned plan(
      "[rule a]\nlisten = 80, 81\nkeepidle = 10s\n[rule b]\nlisten = 81, 82\nkeepidle = 20s\n"
      "[sockopt]\nttl = 9\n[rule c]\nlisten = 82\nkeepidle = default\n");
  EXPECT_EQ(plan.listen("0.0.0.0:80"), "keepidle=10s ttl=9");
  EXPECT_EQ(plan.listen("0.0.0.0:81"), "keepidle=20s ttl=9");
  EXPECT_EQ(plan.listen("0.0.0.0:82"), "ttl=9");
  EXPECT_EQ(plan.listen("0.0.0.0:83"), "ttl=9");
}

TEST(Plan, ARuleBetweenTwoThatWaitDecidesForGood) {
  const Planned plan(
      "[rule a]\nlisten = 80\nkeepidle = 10s\n[sockopt]\nkeepidle = 60s\n"
      "[rule b]\nlisten = 81\nkeepidle = 20s\n");
  EXPECT_EQ(plan.listen("0.0.0.0:80"), "keepidle=60s");
  EXPECT_EQ(plan.listen("0.0.0.0:81"), "keepidle=20s");
}

TEST(Plan, VariablesWinOverEveryRule) {
  const Planned plan("[rule a]\nlisten = 80\nkeepidle = 10s\n", {"SOCKOPT_KEEPIDLE=1"});
  EXPECT_EQ(plan.listen("0.0.0.0:80"), "keepidle=1s");
}

TEST(Plan, ListenAndConnectAreTwoSides) {
  const Planned plan("[rule a]\nlisten = 80\nttl = 1\n[rule b]\nconnect = 80\nttl = 2\n");
  EXPECT_EQ(plan.listen("10.0.0.1:80"), "ttl=1");
  EXPECT_EQ(plan.connect("10.0.0.1:80"), "ttl=2");
}

TEST(Plan, EnforcementBelongsToTheSettingThatWins) {
  const Planned plan(
      "[sockopt]\nenforce = yes\nkeepidle = 60s\nkeepcnt = 5\n[rule a]\nlisten = 80\n"
      "keepidle = 10s\n[rule b]\nlisten = 81\nenforce = yes\nnodelay = on\nkeepcnt = default\n");
  EXPECT_EQ(plan.base(), "keepidle=60s! keepcnt=5!");
  EXPECT_EQ(plan.listen("0.0.0.0:80"), "keepidle=10s keepcnt=5!");
  EXPECT_EQ(plan.listen("0.0.0.0:81"), "keepidle=60s! nodelay=on!");
  EXPECT_TRUE(plan->enforceable().contains(find_option("nodelay")));
  EXPECT_FALSE(plan->enforceable().contains(find_option("ttl")));
}

TEST(Plan, AVoidRuleIsNotInIt) {
  const Configuration read("[rule a]\nlisten = example.com\nttl = 9\n");
  const auto plan = std::make_unique<Plan>();
  plan->make(read.policy(), Program());
  EXPECT_TRUE(plan->empty());
  EXPECT_TRUE(plan->deferred().empty());
}

}  // namespace
}  // namespace sockopt::test
