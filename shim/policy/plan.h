// SPDX-License-Identifier: MIT
//
// The plan: what the policy means for the sockets of this process, worked out once so that a call
// needs no search.  Rules for other programs are gone, what no address rule can change is decided,
// and the rest waits for the address of a listener or a peer.
#pragma once

#include "shim/policy/policy.h"

namespace sockopt {

/// For each option the setting that won.
struct Decision {
  const Setting* settings[kMaxOptions] = {};
  OptionSet wanted;    ///< options that have a value to be set
  OptionSet enforced;  ///< of these, the ones that the program may not change
  OptionSet ignored;   ///< options that stay the kernel's: the program's calls are not made

  /// In place of the one before; enforced where its rule is.
  void take(const Setting& setting, bool enforces);
};

/// Which of a socket's addresses a rule is compared with.
enum class Side : std::uint8_t { kListen, kConnect };

class Plan {
 public:
  /// The first bytes, which do for a policy that stays small.
  static constexpr std::size_t small_size() {
    return sizeof(Plan) - sizeof waiting_ + Policy::kFewSettings * sizeof(Waiting);
  }

  /// The last setting of an option wins, `default` cancels, and variables win over the files.
  void make(const Policy& policy, const Program& program);

  /// What applies whatever the address.
  const Decision& base() const { return base_; }

  /// Options that wait for an address.
  OptionSet deferred() const { return deferred_; }

  /// Of these, the ones whose base value is set at socket all the same: it can be replaced later,
  /// and what becomes of the socket unseen must not go without.
  OptionSet provisional() const { return provisional_; }

  /// What applies to a listener bound to `address`, or a connection to it.
  void decide(Side side, const Address& address, Decision& decision) const;

  /// Options that are set at `hook_point`, wanted or not.
  OptionSet at(HookPoint hook_point) const {
    return at_[std::countr_zero(static_cast<unsigned>(hook_point))];
  }

  /// Whether any socket can have a setting.
  bool empty() const { return possible_.empty() && enforceable_.empty(); }
  OptionSet possible() const { return possible_; }
  /// Options of which some rule enforces its value, or has the program's calls ignored.
  OptionSet enforceable() const { return enforceable_; }
  OptionId backlog() const { return backlog_; }
  /// The setting that has TCP sockets opened as MPTCP; null where none does.
  const Setting* mptcp() const { return mptcp_; }
  // IP_TOS sets the priority as well: ip(7).
  OptionId tos() const { return tos_; }
  OptionId priority() const { return priority_; }

 private:
  static constexpr std::size_t kHookPoints = 8;

  // A setting of an address rule for this program.
  struct Waiting {
    Range addresses;        // patterns of the policy
    std::uint16_t setting;  // index in the policy
    Side side;
    enum : std::uint8_t { kSameRule, kOnePattern, kList } test;  // same: as the one before
  };

  void drop_overruled();

  const Policy* policy_ = nullptr;
  Decision base_;
  OptionSet deferred_;
  OptionSet provisional_;
  OptionSet possible_;
  OptionSet enforceable_;
  OptionSet at_[kHookPoints];
  const Setting* mptcp_ = nullptr;
  OptionId backlog_ = 0;
  OptionId tos_ = 0;
  OptionId priority_ = 0;
  std::uint16_t waiting_count_ = 0;
  Waiting waiting_[Policy::kMaxSettings];  // last: cut where the policy is small
};

}  // namespace sockopt
