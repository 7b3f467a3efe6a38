// SPDX-License-Identifier: MIT
//
// To which policy the sockets of each process are held. What a rule means for a process depends on
// nothing but whether it matches the program, so that all processes that the same rules match share
// one plan: a plan is large, and processes may be many.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "shim/policy/plan.h"
#include "tools/inspect/foreign_process.h"
#include "tools/sockopt/departure.h"

namespace sockopt {

class PolicyPool {
 public:
  using Id = std::uint32_t;

  /// `policy` must outlive the pool.
  explicit PolicyPool(const Policy& policy) : policy_(policy) {}

  /// What holds for this process.
  Id of(const ForeignProcess& process);

  Judge& judge(Id id) { return entries_[id]->judge; }
  /// The options that some socket of such a process may be wanted to have.
  OptionSet possible(Id id) const { return entries_[id]->plan.possible(); }

 private:
  struct Entry {
    Entry(const Policy& policy, const Program& program) : judge(policy, plan) {
      plan.make(policy, program);
    }
    Plan plan;
    Judge judge;
  };

  const Policy& policy_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::map<std::vector<bool>, Id> by_rules_;  // for each rule, whether it matches
};

}  // namespace sockopt
