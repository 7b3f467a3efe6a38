// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/wanted.h"

#include <algorithm>
#include <set>
#include <utility>

#include "shim/options/lookup.h"
#include "tools/sockopt/policy/coverage.h"
#include "tools/sockopt/policy/setting_text.h"

namespace sockopt {
namespace {

bool is_for(const Policy& policy, const Rule& rule, const Program* program) {
  if (rule.is_void()) return false;
  return rule.programs.count == 0 || program == nullptr || policy.matches_program(rule, *program);
}

bool overrules(const Policy& policy, const Setting& later, const Setting& setting,
               const Program* program) {
  if (later.option != setting.option) return false;
  const Rule& rule = policy.rule_of(later);
  if (later.rule == setting.rule || covers(policy, rule, policy.rule_of(setting))) return true;
  return program != nullptr && !rule.has_address() && is_for(policy, rule, program);
}

// The whole path, as the reader is to go there.
std::string origin_of(const Policy& policy, const Setting& setting) {
  if (policy.rule_of(setting).kind == Rule::Kind::kVariables) return place_text(policy, setting);
  TextOf<4200> origin;
  policy.describe_origin(setting, origin);
  return std::string(origin.view());
}

}  // namespace

std::string Wanted::text() const {
  TextOf<128> text;
  format_value(*option, setting->value, text);
  return std::string(text.view());
}

std::vector<Wanted> wanted_settings(const Policy& policy, const Program* program) {
  std::vector<Wanted> wanted;
  for (const Setting& setting : policy) {
    if (setting.keeps_default || !is_for(policy, policy.rule_of(setting), program)) continue;
    if (std::any_of(&setting + 1, policy.end(), [&](const Setting& later) {
          return overrules(policy, later, setting, program);
        })) {
      continue;
    }
    wanted.push_back({&setting, &policy.option(setting.option), origin_of(policy, setting)});
  }
  return wanted;
}

std::size_t settings_in_force(const Policy& policy,
                              const std::function<bool(const Rule&)>& counts) {
  std::set<std::pair<std::size_t, std::size_t>> distinct;
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    if (rule.is_void() || (counts && !counts(rule))) continue;
    distinct.emplace(setting.rule, setting.option);
  }
  return distinct.size();
}

}  // namespace sockopt
