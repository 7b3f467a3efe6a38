// SPDX-License-Identifier: MIT
//
// As many rules, patterns and settings as there is room for, and one more: what is over is said to
// be over, what fits holds, and no rule is left that matches more than was meant.
#include <algorithm>
#include <memory>
#include <new>

#include "shim/options/lookup.h"
#include "shim/policy/plan.h"
#include "tests/support/configuration.h"
#include "tests/unit/policy/addresses.h"

namespace sockopt::test {
namespace {

std::string rules(std::size_t count, const std::string& body) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += "[rule r" + std::to_string(i) + "]\n" + body;
  }
  return text;
}

int ttl_of_listener(const Configuration& read, std::string_view where) {
  const auto plan = std::make_unique<Plan>();
  plan->make(read.policy(), Program());
  Decision decision;
  plan->decide(Side::kListen, address_of(where), decision);
  const OptionId id = find_option("ttl");
  return decision.wanted.contains(id)
             ? static_cast<int>(decision.settings[id]->value.number(Kind::kCount))
             : 0;
}

bool says(const Configuration& read, std::string_view words) {
  for (const std::string& fault : read.faults()) {
    if (fault.find(words) != std::string::npos) return true;
  }
  return false;
}

// The start of a process has no more memory at first.
TEST(Limits, ASmallPolicyKeepsToTheMemoryThatItHas) {
  constexpr unsigned char kUnused = 0xa5;
  const std::size_t room = Policy::small_size();
  using Add = bool (*)(Policy&);
  const Add adds[] = {
      [](Policy& policy) { return policy.begin_rule(Rule::Kind::kRule, "", 1); },
      [](Policy& policy) { return policy.begin_rule(Rule::Kind::kRule, "a long name", 1); },
      [](Policy& policy) { return policy.add(Setting{}); },
      [](Policy& policy) { return policy.add_program("*", false); },
      [](Policy& policy) { return policy.add_address(&Rule::listens, AddressPattern{}); },
  };
  for (const Add add : adds) {
    const auto memory = std::make_unique<unsigned char[]>(sizeof(Policy));
    auto* policy = new (memory.get()) Policy;
    std::fill(memory.get() + room, memory.get() + sizeof(Policy), kUnused);
    policy->stay_small();
    ASSERT_TRUE(policy->begin_rule(Rule::Kind::kBase, "", 1));
    int added = 0;
    while (add(*policy)) ++added;
    EXPECT_GE(added, 4);
    EXPECT_LT(added, 40);
    EXPECT_TRUE(policy->outgrown());
    EXPECT_TRUE(std::all_of(memory.get() + room, memory.get() + sizeof(Policy),
                            [](unsigned char byte) { return byte == kUnused; }));
    EXPECT_LE(policy->compact(), room);
  }
}

// The variables are a rule, too; there is room for them beside a full file.
TEST(Limits, AsManyRulesAsThereIsRoomForAndTheVariables) {
  std::size_t most = Policy::kMaxRules;
  Configuration full(rules(most, "listen = 80\nttl = 1\n"), {"SOCKOPT_TTL=7"});
  if (!full.faults().empty())
    full = Configuration(rules(--most, "listen = 80\nttl = 1\n"), {"SOCKOPT_TTL=7"});
  EXPECT_EQ(full.faults(), std::vector<std::string>{});
  EXPECT_EQ(ttl_of_listener(full, "0.0.0.0:80"), 7);

  const Configuration over(rules(most + 1, "listen = 80\nttl = 1\n"), {"SOCKOPT_TTL=7"});
  EXPECT_TRUE(says(over, "too many rules: at most")) << over.fault();
  EXPECT_EQ(ttl_of_listener(over, "0.0.0.0:80"), 7) << "variables win over the whole file";
}

TEST(Limits, RulesBeyondTheLastAreSaidToBeTooMany) {
  std::string text = rules(Policy::kMaxRules, "listen = 80\nttl = 1\n");
  text += "[rule more]\nlisten = 80\nttl = 2\n[sockopt]\nttl = 3\n";
  const Configuration read(text);
  EXPECT_TRUE(says(read, "too many rules: at most"));
  EXPECT_EQ(ttl_of_listener(read, "0.0.0.0:80"), 1) << "their settings are no other rule's";
}

// A rule of one pattern each, until the patterns are used up.
std::string patterns(const std::string& key, std::size_t count, const std::string& pattern) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += key + " = " + pattern + "\n";
  return text;
}

TEST(Limits, AddressPatternsAndOneMore) {
  const std::string most = patterns("listen", Policy::kMaxPatterns - 1, "81");
  const Configuration fits("[rule a]\nttl = 1\n" + most + "[rule b]\nttl = 2\nlisten = 80\n");
  EXPECT_EQ(fits.faults(), std::vector<std::string>{});
  EXPECT_EQ(ttl_of_listener(fits, "0.0.0.0:80"), 2);
  EXPECT_EQ(ttl_of_listener(fits, "0.0.0.0:81"), 1);

  for (const std::string more : {"82", "!82"}) {
    const Configuration over("[rule a]\nttl = 1\n" + most + "[rule b]\nttl = 2\nlisten = 80\n" +
                             "listen = " + more + "\n");
    EXPECT_NE(over.fault().find("listen = 82: too many patterns; the rule is ignored"),
              std::string::npos)
        << over.fault();
    EXPECT_EQ(ttl_of_listener(over, "0.0.0.0:80"), 0) << "half a list is not what was meant";
    EXPECT_EQ(ttl_of_listener(over, "0.0.0.0:81"), 1);
  }
}

TEST(Limits, ProgramPatternsAndOneMore) {
  const std::string most = patterns("program", Policy::kMaxPatterns, "x");
  EXPECT_EQ(Configuration("[rule a]\n" + most).faults(), std::vector<std::string>{});
  const Configuration over("[rule a]\n" + most + "[rule b]\nlisten = 80\nttl = 2\nprogram = !x\n");
  EXPECT_NE(over.fault().find("too many patterns; the rule is ignored"), std::string::npos);
  EXPECT_EQ(ttl_of_listener(over, "0.0.0.0:80"), 0);
}

TEST(Limits, TextOfProgramPatterns) {
  const std::string name(180, 'x');
  const std::size_t count = Policy::kMaxText / name.size() + 1;
  const Configuration over("[rule a]\nttl = 1\nlisten = 80\n" + patterns("program", count, name));
  EXPECT_TRUE(says(over, "too many patterns; the rule is ignored"));
  EXPECT_EQ(ttl_of_listener(over, "0.0.0.0:80"), 0);
}

// Nine settings a rule: the settings run out before the rules do.
TEST(Limits, SettingsAndMore) {
  const std::string body =
      "listen = 80\nttl = 1\nkeepidle = 1s\nkeepcnt = 1\nkeepintvl = 1s\nnodelay = on\n"
      "keepalive = on\nrcvbuf = 4K\nsndbuf = 4K\nlinger2 = 1s\n";
  const std::size_t fitting = Policy::kMaxFileSettings / 9;
  EXPECT_EQ(Configuration(rules(fitting, body)).faults(), std::vector<std::string>{});
  const Configuration over(rules(fitting + 1, body) + "[sockopt]\nttl = 9\n");
  EXPECT_TRUE(says(over, "too many settings: at most 16314"));
  EXPECT_EQ(over.policy().end() - over.policy().begin(),
            static_cast<std::ptrdiff_t>(Policy::kMaxFileSettings));
}

TEST(Limits, ListsThatAreWrittenInTurnsStayApartToTheLast) {
  std::string text = "[rule a]\nttl = 1\n";
  for (int i = 0; i < 100; ++i) text += "listen = " + std::to_string(1000 + i) + "\nprogram = *\n";
  text += "[rule b]\nttl = 2\n";
  for (int i = 0; i < 100; ++i) text += "program = !x\nlisten = " + std::to_string(2000 + i) + "\n";
  const Configuration read(text);
  EXPECT_EQ(read.faults(), std::vector<std::string>{});
  for (int i = 0; i < 100; ++i) {
    const std::string port = std::to_string(1000 + i);
    EXPECT_EQ(read.policy().matches_listen(read.policy().rule(0), address_of("[::]:" + port)),
              true);
    EXPECT_EQ(read.policy().matches_listen(read.policy().rule(1), address_of("[::]:" + port)),
              false);
  }
  EXPECT_EQ(ttl_of_listener(read, "0.0.0.0:2099"), 2);
}

}  // namespace
}  // namespace sockopt::test
