// SPDX-License-Identifier: MIT
//
// What a decision costs, in instructions. Rules for other programs cost a running program nothing,
// and a rule of its own that does not match costs a few tens.
#include <iostream>
#include <memory>

#include "shim/config/reader.h"
#include "shim/policy/plan.h"
#include "shim/sockets/socket_hooks.h"
#include "tests/support/configuration.h"
#include "tests/support/instructions.h"
#include "tests/unit/policy/addresses.h"

namespace sockopt::test {
namespace {

constexpr char kOwn[] =
    "[sockopt]\nkeepidle = 60s\nnodelay = on\n[rule own]\nlisten = 80\nkeepidle = 10s\n"
    "backlog = 500\n";

std::string rules(int count, const std::string& condition, bool numbered) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    text += "[rule r" + number + "]\n" + condition + (numbered ? std::to_string(1000 + i) : "") +
            "\nkeepidle = 20s\nkeepcnt = 3\nnodelay = off\nbacklog = 900\n";
  }
  return text;
}

int set_nothing(int, int, int, const void*, socklen_t) { return 0; }
int get_nothing(int, int, int, void*, socklen_t*) { return -1; }
int address_nothing(int, sockaddr*, socklen_t*) { return -1; }
int listen_nothing(int, int) { return 0; }

class Cost {
 public:
  explicit Cost(const std::string& rules) : read_(kOwn + rules), plan_(std::make_unique<Plan>()) {
    EXPECT_EQ(read_.faults(), std::vector<std::string>{});
    const auto program = std::make_unique<Program>();
    program->set("/usr/sbin/nginx", {}, {});
    plan_->make(read_.policy(), *program);
  }

  long decide(std::string_view where) const {
    const Address address = address_of(where);
    return count_instructions([&] {
      Decision decision;
      plan_->decide(Side::kListen, address, decision);
    });
  }

  long socket_call(int domain, int type) const {
    std::vector<Descriptors::Slot> slots(16);
    SocketHooks hooks(read_.policy(), *plan_,
                      {set_nothing, get_nothing, address_nothing, address_nothing, listen_nothing},
                      {slots.data(), slots.size()}, {});
    return count_instructions([&] { hooks.after_socket(5, domain, type, 0); });
  }

 private:
  Configuration read_;
  std::unique_ptr<Plan> plan_;
};

TEST(DecisionCost, RulesForOtherProgramsCostNothing) {
  SOCKOPT_COUNTS_INSTRUCTIONS();
  const Cost few("");
  const Cost many(rules(200, "program = redis\nlisten = ", true));
  const long before = few.decide("0.0.0.0:80");
  EXPECT_EQ(many.decide("0.0.0.0:80"), before);
  EXPECT_EQ(many.socket_call(AF_INET, SOCK_STREAM), few.socket_call(AF_INET, SOCK_STREAM));
  std::cout << "a decision takes " << before
            << " instructions, with 200 rules for others as many\n";
}

TEST(DecisionCost, OwnRulesThatDoNotMatchCostLittleEach) {
  SOCKOPT_COUNTS_INSTRUCTIONS();
  const Cost none("");
  const Cost hundred(rules(100, "listen = ", true));
  const Cost two_hundred(rules(200, "listen = ", true));
  const long first = none.decide("0.0.0.0:80");
  const long second = hundred.decide("0.0.0.0:80");
  const long third = two_hundred.decide("0.0.0.0:80");
  std::cout << "a rule that does not match costs " << (third - second) / 100
            << " instructions per decision, with its four settings\n";
  EXPECT_NEAR(static_cast<double>(third - second), static_cast<double>(second - first),
              0.2 * static_cast<double>(second))
      << "in proportion";
  EXPECT_LT((third - second) / 100, 100);
}

TEST(DecisionCost, RulesAreReadInProportion) {
  SOCKOPT_COUNTS_INSTRUCTIONS();
  const auto read = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "[rule r" + std::to_string(i) + "]\nprogram = x\n";
    const auto policy = std::make_unique<Policy>();
    FaultList faults;
    const long cost = count_instructions(
        [&] { read_configuration(text, "sockopt.ini", *policy, faults.sink()); });
    return static_cast<double>(cost);
  };
  EXPECT_LT(read(32), 4.6 * read(8));
}

TEST(DecisionCost, SocketCostsTheSameHoweverManyRulesThereAre) {
  SOCKOPT_COUNTS_INSTRUCTIONS();
  const Cost few(rules(1, "listen = ", true));
  const Cost many(rules(200, "listen = ", true));
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    for (const int domain : {AF_INET, AF_INET6, AF_UNIX}) {
      const long before = few.socket_call(domain, type);
      EXPECT_EQ(many.socket_call(domain, type), before) << domain << ' ' << type;
    }
  }
}

}  // namespace
}  // namespace sockopt::test
