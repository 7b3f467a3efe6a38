// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/held_facts.h"

#include "tools/sockopt/diagnosis/wanted.h"

namespace sockopt {

std::vector<ReadFile> files_in(const Policy& policy) {
  std::vector<ReadFile> files;
  for (std::size_t i = 0; i < policy.file_count(); ++i) {
    files.push_back({std::string(policy.path(i)), policy.file_hash(i)});
  }
  return files;
}

HeldFacts facts_of(const HeldPolicy& held) {
  HeldFacts facts;
  facts.library = held.library;
  facts.idle = held.idle;
  facts.version = held.version;
  facts.faults = held.faults;
  facts.hooks_disabled = held.hooks_disabled;
  facts.met_socket = held.met_socket;
  if (held.policy == nullptr) return facts;
  const Policy& policy = *held.policy;
  facts.readable = true;
  facts.settings = settings_in_force(policy);
  facts.variables = settings_in_force(
      policy, [](const Rule& rule) { return rule.kind == Rule::Kind::kVariables; });
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    if (rule.kind == Rule::Kind::kRule && !rule.is_void()) ++facts.rules;
  }
  facts.files = files_in(policy);
  for (const OptionId id : held.refused) {
    if (id < policy.option_count()) facts.refused.emplace_back(policy.option(id).key.view());
  }
  return facts;
}

}  // namespace sockopt
