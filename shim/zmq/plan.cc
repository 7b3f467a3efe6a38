// SPDX-License-Identifier: MIT
#include "shim/zmq/plan.h"

namespace sockopt::zmq {

void Plan::make(const Policy& policy, const Program& program) {
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    if (rule.is_void() || !policy.matches_program(rule, program)) continue;
    const TypeSet types = policy.types(setting);
    for (std::size_t type = 0; type < kTypeCount; ++type) {
      if ((types & type_bit(type)) != 0) decisions_[type].take(setting, rule.enforces);
    }
  }
  for (const Decision& decision : decisions_) {
    possible_ |= decision.wanted;
    enforceable_ |= decision.enforced | decision.ignored;
  }
}

}  // namespace sockopt::zmq
