// SPDX-License-Identifier: MIT
//
// What the policy means for this process: for each type of socket the setting that won, worked out
// once.
#pragma once

#include "shim/policy/plan.h"
#include "shim/zmq/policy.h"

namespace sockopt::zmq {

class Plan {
 public:
  /// The last setting of an option wins, `default` cancels, and variables win over the files.
  void make(const Policy& policy, const Program& program);

  /// Of a type that is not known yet: what has no setting.
  const Decision& decision(int type) const {
    const bool is_known = type >= 0 && static_cast<std::size_t>(type) < kTypeCount;
    return decisions_[is_known ? static_cast<std::size_t>(type) : kTypeCount];
  }

  /// Whether any socket has a setting, or is kept from one.
  bool empty() const { return possible_.empty() && enforceable_.empty(); }
  /// Options of which some rule enforces its value, or has the program's calls ignored.
  OptionSet enforceable() const { return enforceable_; }

 private:
  Decision decisions_[kTypeCount + 1];
  OptionSet possible_;
  OptionSet enforceable_;
};

}  // namespace sockopt::zmq
