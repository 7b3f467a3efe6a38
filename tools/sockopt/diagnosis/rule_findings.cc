// SPDX-License-Identifier: MIT
//
#include "tools/sockopt/diagnosis/rule_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "tools/sockopt/policy/coverage.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

// About a line of a rule.
void add(Findings& found, Level level, const Policy& policy, const Rule& rule, std::uint32_t line,
         std::string what, std::string fix = {}) {
  const Place place = {std::string(policy.path(rule.file)), line};
  found.push_back({level, "rule", std::move(what), std::move(fix), place});
}

std::string rule_title(const Policy& policy, const Rule& rule, const char* base) {
  if (rule.kind == Rule::Kind::kBase) return base;
  return fmt::format("[rule {}]", printable(policy.name(rule)));
}
std::string title(const Policy& policy, const Rule& rule) {
  return rule_title(policy, rule, "[sockopt]");
}
std::string title(const zmq::Policy& policy, const Rule& rule) {
  return rule_title(policy, rule, "[zmq]");
}

// `line 12`, or where it is in another file, `/etc/sockopt.d/b.ini:12`.
std::string line_of(const Policy& policy, const Rule& from, const Rule& to, std::uint32_t line) {
  return from.file == to.file ? fmt::format("line {}", line)
                              : fmt::format("{}:{}", printable(policy.path(to.file)), line);
}

// Whether a setting holds wherever another one could have held, by the rules that they are in.
bool holds_for_all(const Policy& policy, const Setting& wide, const Setting& narrow) {
  return covers(policy, policy.rule_of(wide), policy.rule_of(narrow));
}
bool holds_for_all(const zmq::Policy& policy, const Setting& wide, const Setting& narrow) {
  return (policy.types(narrow) & ~policy.types(wide)) == 0 &&
         covers(policy, policy.rule_of(wide), policy.rule_of(narrow));
}

// The setting behind `setting` that holds wherever it could have held; null where there is none.
template <typename AnyPolicy>
const Setting* overruling(const AnyPolicy& policy, const Setting& setting) {
  for (const Setting* later = &setting + 1; later != policy.end(); ++later) {
    if (later->option != setting.option) continue;
    // A variable is meant to win.
    if (policy.rule_of(*later).kind == Rule::Kind::kVariables) continue;
    if (later->rule == setting.rule || holds_for_all(policy, *later, setting)) return later;
  }
  return nullptr;
}

template <typename AnyPolicy>
void find_lost_settings(const AnyPolicy& policy, Findings& found) {
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    if (rule.is_void()) continue;
    std::vector<std::pair<const Setting*, const Setting*>> lost;
    std::size_t count = 0;
    for (const Setting& setting : policy) {
      if (setting.rule != i) continue;
      // A preset's setting that a line of the same section replaces is as meant.
      const Setting* later = overruling(policy, setting);
      if (later != nullptr && later->rule == setting.rule) continue;
      ++count;
      if (later != nullptr) lost.emplace_back(&setting, later);
    }
    if (lost.empty()) continue;
    if (lost.size() == count && rule.kind == Rule::Kind::kRule) {
      const Rule& by = policy.rule_of(*lost.front().second);
      add(found, Level::kWarning, policy, rule, rule.line,
          fmt::format("{} never wins: later sections, such as {} in {}, set the same for every "
                      "socket that it matches",
                      title(policy, rule), title(policy, by), line_of(policy, rule, by, by.line)));
      continue;
    }
    for (const auto& [setting, later] : lost) {
      const Rule& by = policy.rule_of(*later);
      add(found, Level::kWarning, policy, rule, setting->line,
          fmt::format("{} never wins here: {} sets it in {} for every socket that {} matches",
                      policy.option(setting->option).key.view(), title(policy, by),
                      line_of(policy, rule, by, later->line), title(policy, rule)));
    }
  }
}

// bind(2) is held against rules for listeners: what is set there and nowhere else, a rule for
// connections comes too late for.
bool is_for_bind_only(const Option& option) { return option.hook_points == kBeforeBind; }

// Options of listeners in a rule for connections, and the other way round.
void find_idle_settings(const Policy& policy, Findings& found) {
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    const Option& option = policy.option(setting.option);
    if (rule.is_void() || setting.preset != 0) continue;
    if (rule.connects.count != 0 && option.inheritance == Inheritance::kListener) {
      add(found, Level::kWarning, policy, rule, setting.line,
          fmt::format("{} does nothing here: {} is for connections, but it acts on listeners",
                      option.key.view(), title(policy, rule)));
    }
    if (rule.connects.count != 0 && is_for_bind_only(option)) {
      add(found, Level::kWarning, policy, rule, setting.line,
          fmt::format("{} does nothing here: it is set at bind, before the peer is known",
                      option.key.view()),
          "move it to [sockopt] or to a rule for programs");
    }
    if (rule.listens.count != 0 && option.inheritance == Inheritance::kClient) {
      add(found, Level::kWarning, policy, rule, setting.line,
          fmt::format("{} does nothing here: {} is for listeners, but it acts on connections",
                      option.key.view(), title(policy, rule)));
    }
  }
}

void find_privileges(const Policy& policy, Findings& found) {
  for (const Setting& setting : policy) {
    const Option& option = policy.option(setting.option);
    if (setting.keeps_default || option.privilege != Privilege::kNetAdmin) continue;
    if (option.kind == Kind::kBoolean && setting.value.number(option.kind) == 0) continue;
    add(found, Level::kNote, policy, policy.rule_of(setting), setting.line,
        fmt::format("{} needs CAP_NET_ADMIN; without it, the program runs without the option",
                    option.key.view()));
  }
}

void find_wildcard_blindness(const Policy& policy, Findings& found) {
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    for (std::size_t k = 0; k < rule.listens.count; ++k) {
      const AddressPattern& pattern = policy.addresses()[rule.listens.first + k];
      Address address;
      address.family = pattern.family;
      std::copy(std::begin(pattern.bytes), std::end(pattern.bytes), std::begin(address.bytes));
      if (pattern.excludes || pattern.is_any_address() || address.is_wildcard()) continue;
      add(found, Level::kNote, policy, rule, rule.line,
          fmt::format("{} does not match a listener that is bound to 0.0.0.0 or [::]: its options "
                      "would reach every address",
                      title(policy, rule)));
      break;
    }
  }
}

// Most servers bind to [::], which takes IPv4 as well.
void find_ipv4_wildcards(const Policy& policy, Findings& found) {
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    const AddressPattern* first = policy.addresses() + rule.listens.first;
    const AddressPattern* end = first + rule.listens.count;
    const auto is_wildcard = [](const AddressPattern& pattern, Address::Family family) {
      Address address;
      address.family = pattern.family;
      std::copy(std::begin(pattern.bytes), std::end(pattern.bytes), std::begin(address.bytes));
      return pattern.family == family && address.is_wildcard();
    };
    for (const AddressPattern* one = first; one != end; ++one) {
      if (one->excludes || !is_wildcard(*one, Address::Family::kIpv4)) continue;
      const bool both = std::any_of(first, end, [&](const AddressPattern& other) {
        return !other.excludes && other.first_port <= one->first_port &&
               other.last_port >= one->last_port &&
               (other.is_any_address() || is_wildcard(other, Address::Family::kIpv6));
      });
      if (both) continue;
      add(found, Level::kWarning, policy, rule, rule.line,
          fmt::format("{} is for 0.0.0.0, and does not match a listener on [::], which takes IPv4 "
                      "as well and is what many servers bind to",
                      title(policy, rule)),
          "write the port alone");
      break;
    }
  }
}

}  // namespace

Findings find_rule_findings(const Policy& policy, const zmq::Policy& of_zmq) {
  Findings found;
  find_lost_settings(of_zmq, found);
  find_lost_settings(policy, found);
  find_idle_settings(policy, found);
  find_privileges(policy, found);
  find_wildcard_blindness(policy, found);
  find_ipv4_wildcards(policy, found);
  return found;
}

}  // namespace sockopt
