// SPDX-License-Identifier: MIT
//
// See policy_pool.h.
#include "tools/sockopt/policy_pool.h"

#include "tools/inspect/process_program.h"

namespace sockopt {

PolicyPool::Id PolicyPool::of(const ForeignProcess& process) {
  std::unique_ptr<ProcessProgram> program = std::make_unique<ProcessProgram>();
  if (policy_.has_programs()) {
    // One that may not be read has no sockets for us either.
    if (auto read = read_program(process)) program = std::move(*read);
  }
  std::vector<bool> matches(policy_.rule_count());
  for (std::size_t i = 0; i < matches.size(); ++i) {
    matches[i] = policy_.matches_program(policy_.rule(i), program->program);
  }
  const auto [known, is_new] = by_rules_.try_emplace(std::move(matches), entries_.size());
  if (is_new) entries_.push_back(std::make_unique<Entry>(policy_, program->program));
  return known->second;
}

}  // namespace sockopt
