// SPDX-License-Identifier: MIT
#include "shim/policy/plan.h"

#include "shim/options/lookup.h"

namespace sockopt {

void Plan::make(const Policy& policy, const Program& program) {
  policy_ = &policy;
  backlog_ = find_option("backlog");
  for (OptionId id = 0; id < policy.option_count(); ++id) {
    for (std::size_t moment = 0; moment < kMoments; ++moment) {
      if ((policy.option(id).moments >> moment & 1) != 0) at_[moment].add(id);
    }
  }
  // The backlog is no socket option: it is raised in listen's argument.
  for (OptionSet& set : at_) set.remove(backlog_);

  std::size_t last_rule = Policy::kMaxRules;
  bool concerns_us = false;
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    if (setting.rule != last_rule) {
      last_rule = setting.rule;
      concerns_us = !rule.is_void && policy.matches_program(rule, program);
    }
    if (!concerns_us) continue;
    if (!setting.keeps_default) {
      possible_.add(setting.option);
      if (rule.enforces) enforceable_.add(setting.option);
    }
    if (rule.has_address()) {
      waiting_[waiting_count_++] = static_cast<std::uint16_t>(policy.index_of(setting));
      deferred_.add(setting.option);
    } else {
      take(setting, base_);
      deferred_.remove(setting.option);
    }
  }
  // IP_TOS sets the priority as well: ip(7).  It is set after it, or not for long.
  const OptionId priority = find_option("priority");
  if (deferred_.contains(find_option("tos")) && possible_.contains(priority)) {
    deferred_.add(priority);
  }
}

void Plan::decide(Side side, const Address& address, Decision& decision) const {
  decision = base_;
  std::size_t last_rule = Policy::kMaxRules;
  bool matches = false;
  for (std::size_t i = 0; i < waiting_count_; ++i) {
    const Setting& setting = policy_->begin()[waiting_[i]];
    // A later rule without an address has overruled it for good.
    if (!deferred_.contains(setting.option)) continue;
    if (const Setting* base = base_.settings[setting.option]; base != nullptr && base > &setting) {
      continue;
    }
    if (setting.rule != last_rule) {
      last_rule = setting.rule;
      const Rule& rule = policy_->rule_of(setting);
      matches = side == Side::kListen ? policy_->matches_listen(rule, address)
                                      : policy_->matches_connect(rule, address);
    }
    if (matches) take(setting, decision);
  }
}

void Plan::take(const Setting& setting, Decision& decision) const {
  decision.settings[setting.option] = &setting;
  decision.wanted.remove(setting.option);
  decision.enforced.remove(setting.option);
  if (setting.keeps_default) return;
  decision.wanted.add(setting.option);
  if (policy_->rule_of(setting).enforces) decision.enforced.add(setting.option);
}

}  // namespace sockopt
