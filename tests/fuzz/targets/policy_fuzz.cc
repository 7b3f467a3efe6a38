// SPDX-License-Identifier: MIT
//
// A file, variables, a command line and an address, with a line of four dashes between them: what
// the plan decides for a socket of that program is what going through all settings one by one
// decides.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "oracle.h"
#include "shim/config/environment.h"
#include "shim/config/reader.h"
#include "shim/options/lookup.h"
#include "shim/policy/interpreter.h"
#include "shim/policy/plan.h"
#include "tests/unit/policy/naive_glob.h"

namespace sockopt::fuzz {
namespace {

void ignore(void* /*context*/, const Fault& /*fault*/) {}

// The names that a pattern is held against.
std::vector<std::string> names_of(const std::string& executable, const std::string& executed,
                                  const std::string& arguments) {
  std::vector<std::string> names = {executable, executed,
                                    arguments.substr(0, arguments.find('\0'))};
  const std::string_view script = script_of(executable, arguments);
  names.emplace_back(script.empty() ? script_of(names[2], arguments) : script);
  std::erase(names, "");
  return names;
}

bool naively_matches(std::string_view pattern, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::size_t slash = name.rfind('/');
    const std::string base = slash == name.npos ? name : name.substr(slash + 1);
    const bool whole = pattern.find('/') != pattern.npos;
    if (test::naive_glob_matches(pattern, whole ? name : base)) return true;
  }
  return false;
}

bool is_for(const Policy& policy, const Rule& rule, const std::vector<std::string>& names) {
  bool asks = false;
  bool included = false;
  for (std::size_t i = 0; i < rule.programs.count; ++i) {
    const ProgramPattern& pattern = policy.programs()[rule.programs.first + i];
    const bool matches = naively_matches(policy.glob(pattern), names);
    if (pattern.excludes && matches) return false;
    asks = asks || !pattern.excludes;
    included = included || (matches && !pattern.excludes);
  }
  return !rule.is_void() && (included || !asks);
}

// The last setting for each option whose rule holds, with an address or without one.
void must_decide_alike(const Policy& policy, const std::vector<std::string>& names,
                       const Plan& plan, const Address* address, Side side) {
  Decision decision = plan.base();
  if (address != nullptr) plan.decide(side, *address, decision);
  for (OptionId id = 0; id < policy.option_count(); ++id) {
    const Setting* winner = nullptr;
    bool waits = false;
    for (const Setting& setting : policy) {
      const Rule& rule = policy.rule_of(setting);
      if (setting.option != id || !is_for(policy, rule, names)) continue;
      waits = rule.has_address();
      const bool holds =
          !rule.has_address() ||
          (address != nullptr && (side == Side::kListen ? policy.matches_listen(rule, *address)
                                                        : policy.matches_connect(rule, *address)));
      if (holds) winner = &setting;
    }
    const std::string key(policy.option(id).key.view());
    // IP_TOS sets the priority as well, which therefore waits with it.
    if (key == "priority" && plan.possible().contains(id)) {
      waits = waits || plan.deferred().contains(find_option("tos"));
    }
    SOCKOPT_HOLDS(decision.settings[id] == winner, key);
    const bool wanted = winner != nullptr && !winner->keeps_default;
    SOCKOPT_HOLDS(decision.wanted.contains(id) == wanted, key);
    SOCKOPT_HOLDS(decision.enforced.contains(id) == (wanted && policy.rule_of(*winner).enforces),
                  key);
    SOCKOPT_HOLDS(plan.deferred().contains(id) == waits, key);
    SOCKOPT_HOLDS(!wanted || plan.possible().contains(id), key);
    SOCKOPT_HOLDS(!decision.enforced.contains(id) || plan.enforceable().contains(id), key);
  }
}

// Ranges lie behind one another, and within what there is.
void must_be_sound(const Policy& policy) {
  std::size_t last_rule = 0;
  for (const Setting& setting : policy) {
    SOCKOPT_HOLDS(setting.rule >= last_rule && setting.rule < policy.rule_count(), "order");
    SOCKOPT_HOLDS(setting.option < policy.option_count(), "an option that there is not");
    last_rule = setting.rule;
    TextOf<400> origin;
    policy.describe_origin(setting, origin);
    must_be_printable(origin.view());
  }
}

void test_policy(const std::vector<std::string>& parts) {
  const std::string variables = parts.size() > 1 ? parts[1] : "";
  const std::string command = parts.size() > 2 ? parts[2] : "";
  const std::string where = parts.size() > 3 ? parts[3] : "";

  Policy& policy = fresh_policy();
  const FaultSink sink = {&ignore, nullptr};
  read_configuration(parts[0], "sockopt.ini", policy, sink);
  const std::vector<std::string> entries = split(variables, "\n");
  std::vector<const char*> pointers;
  for (const std::string& entry : entries) pointers.push_back(entry.c_str());
  pointers.push_back(nullptr);
  read_environment(pointers.data(), policy, sink);
  must_be_sound(policy);
  const std::size_t size = policy.compact();
  SOCKOPT_HOLDS(policy.is_consistent(size), "after it was compacted");
  must_be_sound(policy);

  // EXECUTABLE, what was executed, and the arguments, a line each.
  std::vector<std::string> words = split(command, "\n");
  words.resize(std::max(words.size(), std::size_t{3}));
  std::string arguments;
  for (std::size_t i = 2; i < words.size(); ++i) (arguments += words[i]) += '\0';
  if (words[0].size() > 1000 || arguments.size() > 4000) return;
  static Program program;
  program.set(words[0], words[1], arguments);
  const std::vector<std::string> names = names_of(words[0], words[1], arguments);

  const auto plan = std::make_unique<Plan>();
  plan->make(policy, program);
  must_decide_alike(policy, names, *plan, nullptr, Side::kListen);
  Address address;
  TextOf<200> error;
  if (!parse_address(where, address, error)) return;
  must_decide_alike(policy, names, *plan, &address, Side::kListen);
  must_decide_alike(policy, names, *plan, &address, Side::kConnect);
}

}  // namespace
}  // namespace sockopt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockopt::fuzz;
  test_policy(split(input(data, size), "\n----\n"));
  return 0;
}
