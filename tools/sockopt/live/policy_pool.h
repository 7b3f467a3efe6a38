// SPDX-License-Identifier: MIT
//
// To which policy the sockets of each process are held: to the one that the library in it holds,
// whatever the files say by now, or else to the one in force; for `apply`, to the one it would hold
// by now. What a rule means for a process
// depends on nothing but whether it matches the program, so that all processes that the same rules
// of the same policy match share one plan: a plan is large, and processes may be many.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shim/policy/plan.h"
#include "tools/inspect/foreign_process.h"
#include "tools/sockopt/live/drift.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// Whether the library is in a process.
enum class Reach : std::uint8_t {
  kLoaded,
  kIdle,  ///< it is, and has nothing to do there: no configuration, or it is disabled
  kNotLoaded,
};

/// Which policy counts for a process.
enum class Basis : std::uint8_t {
  kGiven,     ///< the one that was given, for every process
  kAttached,  ///< the same, where rules know programs by their executable files, as eBPF does
  kHeld,      ///< the one that it holds, else the one that was given
  kOwn,       ///< the same, but as its files are now
};

/// `loaded`, `idle`, `not_loaded`.
std::string_view reach_name(Reach reach);

class PolicyPool {
 public:
  using Id = std::uint32_t;

  /// `given` must outlive the pool.
  PolicyPool(const Policy& given, Basis basis) : in_force_(given), basis_(basis) {}

  struct Holding {
    Id policy = 0;
    Reach reach = Reach::kNotLoaded;
    bool is_held = false;     ///< the policy is the one that the process holds
    std::optional<Id> own{};  ///< what it holds, where it is held to another one
    std::optional<Id> now{};  ///< of kHeld: as its files are, where they have changed since
    OptionSet refused{};      ///< what the kernel refused the library there
    Findings faults{};        ///< of its files, where they have changed
    std::string note{};       ///< why it is not what the process holds; empty: it is
    std::string unnamed{};  ///< what rules know it as, where they name programs, and none is for it
  };
  /// Of this process.
  Holding of(const ForeignProcess& process);
  /// The policy that was given, for this program.
  Id given(const Program& program) { return enter(in_force_, program); }

  Checker& checker(Id id) { return entries_[id]->checker; }
  /// The options that some socket of such a process may be wanted to have.
  OptionSet possible(Id id) const { return entries_[id]->plan.possible(); }

  /// Whether one policy counts for all processes, those without a socket among them.
  bool is_given() const { return basis_ == Basis::kGiven || basis_ == Basis::kAttached; }

  /// Every policy that some process was found to be under; without a process, the one in force.
  std::vector<const Policy*> used() const;

 private:
  struct Entry {
    Entry(const Policy& of, const Program& program) : policy(of), checker(of, plan) {
      plan.make(of, program);
    }
    const Policy& policy;
    Plan plan;
    Checker checker;
  };

  const Policy& kept(std::unique_ptr<Policy> held);
  Id enter(const Policy& policy, const Program& program);

  const Policy& in_force_;
  Basis basis_;
  std::vector<std::unique_ptr<Policy>> held_;  // each different one once
  std::vector<std::unique_ptr<Entry>> entries_;
  std::map<std::pair<const Policy*, std::vector<bool>>, Id> by_rules_;  // which of them match
};

}  // namespace sockopt
