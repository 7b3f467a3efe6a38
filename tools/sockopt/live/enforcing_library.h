// SPDX-License-Identifier: MIT
//
// A process that has the library with a policy of its own, which enforces: whatever the process
// sets then becomes that policy's value, and no longer what `apply` put there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shim/policy/plan.h"
#include "tools/inspect/foreign_process.h"
#include "tools/inspect/held_policy.h"
#include "tools/sockopt/live/drift.h"

namespace sockopt {

/// One option that such a process will not keep.
struct Reversal {
  std::string program;
  OptionId option = 0;
  std::string value;  ///< the enforced one
  std::string from;

  auto operator<=>(const Reversal&) const = default;
};

class EnforcingLibrary {
 public:
  /// Null where the process has no library that enforces anything, or its memory cannot be read.
  static std::unique_ptr<EnforcingLibrary> find(const ForeignProcess& process);

  /// What it enforces on sockets that the policy treats by this address.
  OptionSet enforced(Side side, const Endpoint& address) const;
  /// Of `taken`, what is expected of such a socket and enforced to be another value.
  std::vector<Reversal> reversals(Side side, const Endpoint& address, const Expected& expected,
                                  OptionSet taken) const;

 private:
  explicit EnforcingLibrary(HeldPolicy held) : held_(std::move(held)) {}

  std::string program_;
  HeldPolicy held_;
  Plan plan_;
};

}  // namespace sockopt
