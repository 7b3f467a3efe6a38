// SPDX-License-Identifier: MIT
//
// The plan: what the policy means for the sockets of this process, worked out once so that a call
// needs no search.  For each option the setting that won, and for each moment the options that are
// due then.
#pragma once

#include "shim/policy/policy.h"

namespace sockopt {

class Plan {
 public:
  /// Decides every option: of several settings the last one holds, `default` cancels.
  void decide(const Policy& policy);

  /// What is to be set at `moment`.
  OptionSet at(Moment moment) const { return at_[std::countr_zero(static_cast<unsigned>(moment))]; }
  /// What a socket that was never seen before needs at once, and at the moments that are past.
  OptionSet at_or_before(Moment moment) const;

  /// The setting that holds for the option; null where there is none or it says `default`.
  const Setting* setting(OptionId id) const { return chosen_[id]; }
  const Setting* backlog() const { return chosen_[backlog_]; }

  bool empty() const { return wanted_.empty(); }
  OptionSet wanted() const { return wanted_; }

 private:
  static constexpr std::size_t kMoments = 7;

  const Setting* chosen_[kMaxOptions] = {};
  OptionSet wanted_;
  OptionSet at_[kMoments];
  OptionId backlog_ = 0;
};

}  // namespace sockopt
