// SPDX-License-Identifier: MIT
//
// Thousands of random policies: what the plan decides for a socket is what going through all rules
// one by one decides, for every option, program and address.
#include <iostream>
#include <memory>

#include "tests/support/configuration.h"
#include "tests/support/requirements.h"
#include "tests/unit/policy/naive_policy.h"

namespace sockopt::test {
namespace {

// A sanitizer makes each of them thirty times as slow.
constexpr unsigned kPolicies = kSanitizers.empty() ? 4'000 : 160;
constexpr int kAddresses = 25;

NaiveDecision naive(const Policy& policy, const Decision& decision) {
  NaiveDecision result;
  for (const std::string& key : naive_keys()) {
    const OptionId id = find_option(key);
    std::string& text = result[key];
    if (!decision.wanted.contains(id)) {
      EXPECT_FALSE(decision.enforced.contains(id));
      continue;
    }
    TextOf<100> value;
    format_value(policy.option(id), decision.settings[id]->value, value);
    text = std::string(value.view()) + (decision.enforced.contains(id) ? "!" : "");
  }
  return result;
}

class RandomPolicy {
 public:
  explicit RandomPolicy(Random& random)
      : naive_(random_policy(random)), real_(naive_.file(), naive_.variables()) {}

  std::string shown() const {
    std::string text = naive_.file();
    for (const std::string& entry : naive_.variables()) text += entry + "\n";
    return text;
  }

  // Nothing but the conditions that nobody can understand is at fault.
  void expect_understood() const {
    for (const std::string& fault : real_.faults()) {
      EXPECT_NE(fault.find("listen = example.com: host names"), std::string::npos) << fault;
    }
  }

  const Plan& plan_for(const std::string& program) {
    const auto runs = std::make_unique<Program>();
    const std::string path = "/usr/sbin/" + program;
    runs->set(path, {}, {});
    plan_ = std::make_unique<Plan>();
    plan_->make(real_.policy(), *runs);
    return *plan_;
  }

  const NaivePolicy& slow() const { return naive_; }
  const Policy& fast() const { return real_.policy(); }

 private:
  NaivePolicy naive_;
  Configuration real_;
  std::unique_ptr<Plan> plan_;
};

TEST(RandomPolicies, DecideAsGoingThroughAllRulesDoes) {
  Random random(20240707);
  std::size_t decided = 0;
  std::size_t waiting = 0;
  for (unsigned round = 0; round < kPolicies && !::testing::Test::HasFailure(); ++round) {
    RandomPolicy policy(random);
    SCOPED_TRACE(policy.shown());
    policy.expect_understood();
    for (const std::string& program : naive_programs()) {
      SCOPED_TRACE(program);
      const Plan& plan = policy.plan_for(program);
      for (const std::string& key : naive_keys()) {
        const bool waits = policy.slow().waits(program, key);
        ASSERT_EQ(plan.deferred().contains(find_option(key)), waits) << key;
        waiting += waits ? 1 : 0;
      }
      ASSERT_EQ(naive(policy.fast(), plan.base()), policy.slow().base(program));
      for (int i = 0; i < kAddresses; ++i) {
        const Address address = random_address(random);
        TextOf<100> where;
        format_address(address, where);
        for (const Side side : {Side::kListen, Side::kConnect}) {
          Decision decision;
          plan.decide(side, address, decision);
          ASSERT_EQ(naive(policy.fast(), decision), policy.slow().decide(program, side, address))
              << (side == Side::kListen ? "listen " : "connect ") << where.view();
          // What is not deferred is the same for every address.
          ASSERT_EQ(decision.wanted.without(plan.deferred()),
                    plan.base().wanted.without(plan.deferred()));
          ASSERT_TRUE((decision.wanted.without(plan.possible())).empty());
          ASSERT_TRUE((decision.enforced.without(plan.enforceable())).empty());
          decided += static_cast<std::size_t>(decision.wanted.count());
        }
      }
    }
  }
  EXPECT_GT(decided, kPolicies * 125);
  EXPECT_GT(waiting, kPolicies * 2.5);
  std::cout << kPolicies << " policies, " << decided << " options decided, " << waiting
            << " waited for an address\n";
}

}  // namespace
}  // namespace sockopt::test
