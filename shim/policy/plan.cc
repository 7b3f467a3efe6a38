// SPDX-License-Identifier: MIT
#include "shim/policy/plan.h"

#include "shim/options/lookup.h"

namespace sockopt {

void Decision::take(const Setting& setting, bool enforces) {
  settings[setting.option] = &setting;
  wanted.remove(setting.option);
  enforced.remove(setting.option);
  ignored.remove(setting.option);
  if (setting.ignores) ignored.add(setting.option);
  if (setting.keeps_default) return;
  wanted.add(setting.option);
  if (enforces) enforced.add(setting.option);
}

void Plan::make(const Policy& policy, const Program& program) {
  policy_ = &policy;
  backlog_ = find_option("backlog");
  tos_ = find_option("tos");
  priority_ = find_option("priority");
  for (OptionId id = 0; id < policy.option_count(); ++id) {
    for (unsigned left = policy.option(id).hook_points; left != 0; left &= left - 1) {
      at_[std::countr_zero(left)].add(id);
    }
  }
  // The backlog is not a socket option: it is raised in listen's argument.
  for (OptionSet& set : at_) set.remove(backlog_);

  std::size_t last_rule = Policy::kMaxRules;
  bool concerns_us = false;
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    if (setting.rule != last_rule) {
      last_rule = setting.rule;
      concerns_us = !rule.is_void() && policy.matches_program(rule, program);
    }
    if (!concerns_us) continue;
    if (!setting.keeps_default) possible_.add(setting.option);
    if (setting.ignores || (!setting.keeps_default && rule.enforces)) {
      enforceable_ |= same_state(setting.option);
    }
    if (rule.has_address()) {
      waiting_[waiting_count_++].setting = static_cast<std::uint16_t>(policy.index_of(setting));
      deferred_.add(setting.option);
    } else {
      base_.take(setting, rule.enforces);
      deferred_.remove(setting.option);
    }
  }
  // IP_TOS resets the priority, so the priority comes last.
  if (deferred_.contains(tos_) && possible_.contains(priority_)) deferred_.add(priority_);
  drop_overruled();

  provisional_ = deferred_ & base_.wanted & at(kAtSocket);
  for (const OptionId id : provisional_) {
    if (policy.option(id).privilege == Privilege::kNetRawToChange) provisional_.remove(id);
  }
  for (std::size_t i = 0; i < waiting_count_; ++i) {
    const Setting& setting = policy.begin()[waiting_[i].setting];
    if (setting.keeps_default) provisional_.remove(setting.option);
  }
  const OptionId mptcp = find_option("mptcp");
  const bool on =
      base_.wanted.contains(mptcp) && base_.settings[mptcp]->value.number(Kind::kBoolean) != 0;
  if (on) mptcp_ = base_.settings[mptcp];
}

// Drops waiting settings that a later rule without an address overrides for good.
void Plan::drop_overruled() {
  std::uint16_t kept = 0;
  std::size_t last_rule = Policy::kMaxRules;
  for (std::size_t i = 0; i < waiting_count_; ++i) {
    Waiting waiting = waiting_[i];
    const Setting& setting = policy_->begin()[waiting.setting];
    const Setting* base = base_.settings[setting.option];
    if (!deferred_.contains(setting.option) || (base != nullptr && base > &setting)) continue;
    const Rule& rule = policy_->rule_of(setting);
    waiting.side = rule.listens.count != 0 ? Side::kListen : Side::kConnect;
    waiting.addresses = rule.listens.count != 0 ? rule.listens : rule.connects;
    waiting.test =
        setting.rule == last_rule ? Waiting::kSameRule
        : waiting.addresses.count == 1 && !policy_->addresses()[waiting.addresses.first].excludes
            ? Waiting::kOnePattern
            : Waiting::kList;
    last_rule = setting.rule;
    waiting_[kept++] = waiting;
  }
  waiting_count_ = kept;
}

void Plan::decide(Side side, const Address& address, Decision& decision) const {
  decision = base_;
  const AddressPattern* const patterns = policy_->addresses();
  bool matches = false;
  for (const Waiting *waiting = waiting_, *end = waiting_ + waiting_count_; waiting != end;
       ++waiting) {
    if (waiting->side != side) continue;
    if (waiting->test == Waiting::kOnePattern) {
      matches = patterns[waiting->addresses.first].matches(address);
    } else if (waiting->test == Waiting::kList) {
      matches = policy_->matches_address(waiting->addresses, address);
    }
    if (!matches) continue;
    const Setting& setting = policy_->begin()[waiting->setting];
    decision.take(setting, policy_->rule_of(setting).enforces);
  }
}

}  // namespace sockopt
