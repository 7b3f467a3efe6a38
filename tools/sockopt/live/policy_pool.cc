// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/policy_pool.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "tools/inspect/held_policy.h"
#include "tools/inspect/process_program.h"
#include "tools/sockopt/live/own_policy.h"
#include "tools/sockopt/policy/program_names.h"

namespace sockopt {

std::string_view reach_name(Reach reach) {
  constexpr std::string_view kWords[] = {"loaded", "idle", "not_loaded"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Reach::kNotLoaded) + 1);
  return kWords[static_cast<std::size_t>(reach)];
}

// Forked workers hold what their master holds, and one copy of it is enough. Should their padding
// differ, they are two.
const Policy& PolicyPool::kept(std::unique_ptr<Policy> held) {
  const auto same = std::find_if(held_.begin(), held_.end(), [&](const auto& other) {
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison)
    return std::memcmp(other.get(), held.get(), sizeof(Policy)) == 0;
  });
  return same != held_.end() ? **same : *held_.emplace_back(std::move(held));
}

PolicyPool::Id PolicyPool::enter(const Policy& policy, const Program& program) {
  std::vector<bool> matches(policy.rule_count());
  for (std::size_t i = 0; i < matches.size(); ++i) {
    matches[i] = policy.matches_program(policy.rule(i), program);
  }
  const auto [known, is_new] =
      by_rules_.try_emplace({&policy, std::move(matches)}, static_cast<Id>(entries_.size()));
  if (is_new) entries_.push_back(std::make_unique<Entry>(policy, program));
  return known->second;
}

PolicyPool::Holding PolicyPool::of(const ForeignProcess& process) {
  Holding holding;
  const Policy* policy = &in_force_;
  std::optional<HeldPolicy> held;
  // One that may not be read has no sockets for us either.
  if (Result<std::optional<HeldPolicy>> result = read_held_policy(process); result && *result) {
    held = std::move(*result);
    holding.reach = held->idle ? Reach::kIdle : Reach::kLoaded;
    holding.refused = held->refused;
  }
  const Policy* other = nullptr;
  if (is_given() && held && held->policy) other = &kept(std::move(held->policy));
  std::unique_ptr<Policy> own;
  const Policy* now = nullptr;
  if (basis_ == Basis::kHeld && held) own = std::move(held->policy);
  if (basis_ == Basis::kHeld && own != nullptr) {
    if (auto changed = changed_policy(process, *own)) {
      now = &kept(std::move(changed->policy));
      holding.faults = std::move(changed->faults);
    }
  }
  if (basis_ == Basis::kOwn) {
    OwnPolicy found = own_policy(process, std::move(held));
    own = std::move(found.policy);
    holding.faults = std::move(found.faults);
    holding.note = std::move(found.note);
  }
  holding.is_held = own != nullptr;
  if (own != nullptr) policy = &kept(std::move(own));
  auto program = std::make_unique<ProcessProgram>();
  const auto asks_for_it = [](const Policy* one) { return one != nullptr && one->has_programs(); };
  if (asks_for_it(policy) || asks_for_it(other) || asks_for_it(now)) {
    if (auto read = read_program(process)) program = std::move(*read);
    if (basis_ == Basis::kAttached) keep_executable(program->program);
  }
  holding.policy = enter(*policy, program->program);
  if (other != nullptr) holding.own = enter(*other, program->program);
  if (now != nullptr) holding.now = enter(*now, program->program);
  if (policy->has_programs() && possible(holding.policy).empty()) {
    holding.unnamed = known_as(program->program);
  }
  return holding;
}

std::vector<const Policy*> PolicyPool::used() const {
  std::vector<const Policy*> all;
  if (entries_.empty()) all.push_back(&in_force_);
  for (const auto& entry : entries_) {
    if (is_given() && &entry->policy != &in_force_) continue;
    if (std::find(all.begin(), all.end(), &entry->policy) == all.end()) {
      all.push_back(&entry->policy);
    }
  }
  return all;
}

}  // namespace sockopt
