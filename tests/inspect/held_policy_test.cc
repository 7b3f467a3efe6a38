// SPDX-License-Identifier: MIT
//
// The policy of a running process, read from its memory, whatever its files say by now; and that
// what another process may have written there is not believed.
#include "tools/inspect/held_policy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include "shim/config/load.h"
#include "shim/config/reader.h"
#include "shim/options/lookup.h"
#include "shim/policy/plan.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kText =
    "[sockopt]\n"
    "keepalive = on\n"
    "keepidle = 60s\n"
    "raw.6.99 = hex:0102\n"
    "nonsense = 1\n"
    "[rule web]\n"
    "program = cat*, !catch\n"
    "listen = 10.0.0.0/8:80, [::1]:443\n"
    "preset = dead-peer\n"
    "backlog = 4096\n";

class HeldPolicies : public ::testing::Test {
 protected:
  HeldPolicies() : file_(directory_.write("sockopt.ini", kText)) {}

  // What a `sleep` started with these variables holds.
  std::optional<HeldPolicy> held_with(const Environment& environment) {
    Process program({.argv = {"sleep", "1000"}, .environment = environment});
    const auto process = ForeignProcess::open(program.pid());
    EXPECT_TRUE(process);
    // exec has returned, and the library is mapped and ready some time after.
    std::optional<HeldPolicy> held;
    eventually(kPatience, [&] {
      auto result = read_held_policy(*process);
      EXPECT_TRUE(result) << result.failure().text();
      held = std::move(*result);
      return held && !held->idle;
    });
    program.stop();
    return held;
  }
  std::optional<HeldPolicy> held() {
    return held_with(shim_environment({{"SOCKOPT_CONFIG", file_}, {"SOCKOPT_TTL", "9"}}));
  }

  TemporaryDirectory directory_;
  std::filesystem::path file_;
};

std::string origin(const Policy& policy, const Setting& setting) {
  TextOf<300> text;
  policy.describe_origin(setting, text);
  return std::string(text.view());
}

TEST_F(HeldPolicies, IsWhatTheFileAndTheVariablesSaid) {
  auto found = held();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->library, library());
  EXPECT_FALSE(found->library_replaced);
  EXPECT_EQ(found->version, SOCKOPT_VERSION);
  EXPECT_EQ(found->faults, 1U) << "`nonsense` is no key";
  EXPECT_FALSE(found->met_socket);
  ASSERT_NE(found->policy, nullptr);
  const Policy& policy = *found->policy;
  ASSERT_EQ(policy.file_count(), 1U);
  EXPECT_EQ(policy.path(0), file_);
  EXPECT_EQ(policy.file_hash(0), content_hash(kText));
  ASSERT_EQ(policy.rule_count(), 3U);
  EXPECT_EQ(policy.name(policy.rule(1)), "web");
  EXPECT_EQ(policy.glob(policy.programs()[0]), "cat*");

  // The plan that follows from it is the process's own.
  const auto program = std::make_unique<Program>();
  program->set("/bin/cat", {}, {});
  const auto plan = std::make_unique<Plan>();
  plan->make(policy, *program);
  Decision decision;
  Address address;
  TextOf<100> error;
  ASSERT_TRUE(parse_address("10.1.2.3:80", address, error));
  plan->decide(Side::kListen, address, decision);
  const Setting* backlog = decision.settings[find_option("backlog")];
  ASSERT_NE(backlog, nullptr);
  EXPECT_EQ(origin(policy, *backlog), file_.string() + ":10");
  EXPECT_EQ(origin(policy, *decision.settings[find_option("ttl")]), "SOCKOPT_TTL");
}

TEST_F(HeldPolicies, StaysWhatItWasWhenTheFileChanges) {
  const auto before = held();
  ASSERT_TRUE(before && before->policy);
  directory_.write("sockopt.ini", "[sockopt]\nkeepidle = 90s\n");
  EXPECT_NE(before->policy->file_hash(0), content_hash(read_file(file_)));
}

TEST_F(HeldPolicies, NoneWhereTheShimIsNotIn) {
  Process program({.argv = {"sleep", "1000"}});
  const auto process = ForeignProcess::open(program.pid());
  ASSERT_TRUE(process);
  const auto result = read_held_policy(*process);
  ASSERT_TRUE(result);
  EXPECT_FALSE(*result);
}

TEST_F(HeldPolicies, IdleWhereNothingIsAskedOfIt) {
  for (const Environment& variables :
       {Environment{{"SOCKOPT_DISABLE", "1"}, {"SOCKOPT_TTL", "9"}},
        Environment{{"SOCKOPT_CONFIG", directory_.write("empty.ini", "")}}}) {
    Process program({.argv = {"sleep", "1000"}, .environment = shim_environment(variables)});
    const auto process = ForeignProcess::open(program.pid());
    ASSERT_TRUE(process);
    std::optional<HeldPolicy> found;
    ASSERT_TRUE(eventually(kPatience, [&] {
      auto result = read_held_policy(*process);
      if (result) found = std::move(*result);
      return found.has_value();
    }));
    EXPECT_TRUE(found->idle);
    EXPECT_EQ(found->policy, nullptr);
    EXPECT_EQ(found->library, library());
  }
}

TEST_F(HeldPolicies, ARuleForOthersIsHeldAsWell) {
  const auto other = directory_.write("other.ini", "[rule x]\nprogram = nginx\nkeepidle = 9s\n");
  const auto found = held_with(shim_environment({{"SOCKOPT_CONFIG", other}}));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->idle);
  ASSERT_NE(found->policy, nullptr);
  EXPECT_EQ(found->policy->rule_count(), 2U);
}

// Bytes changed at random must be noticed or do no harm: run under the sanitizers this shows it.
TEST_F(HeldPolicies, WhatIsDamagedIsReadWithinItsBoundsOrNotAtAll) {
  auto found = held();
  ASSERT_TRUE(found && found->policy);
  const std::size_t size = found->policy->compact();
  ASSERT_TRUE(found->policy->is_consistent(size));
  EXPECT_FALSE(found->policy->is_consistent(size - 8)) << "less than it needs";
  EXPECT_FALSE(found->policy->is_consistent(100));
  std::mt19937 random(2026);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    auto damaged = std::make_unique<Policy>();
    auto* bytes = reinterpret_cast<unsigned char*>(damaged.get());
    std::memcpy(bytes, static_cast<const void*>(found->policy.get()), size);
    // Most of what can lead astray stands at the begin.
    const std::size_t range = round % 2 == 0 ? 64 : size;
    bytes[random() % range] ^= static_cast<unsigned char>(1 + random() % 255);
    if (!damaged->is_consistent(size)) {
      ++refused;
      continue;
    }
    for (const Setting& setting : *damaged) {
      EXPECT_LE(origin(*damaged, setting).size(), 300U);
      TextOf<200> value;
      format_value(damaged->option(setting.option), setting.value, value);
    }
  }
  EXPECT_GT(refused, 100) << "the damage is not where it was meant to be";
}

}  // namespace
}  // namespace sockopt::test
