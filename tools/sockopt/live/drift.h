// SPDX-License-Identifier: MIT
//
// Whether a socket holds what the policy wants of it. What was asked for and what getsockopt
// answers after that are often two numbers (a buffer is doubled, a time rounded, a backlog capped),
// and a difference is only what differs from the second. Checking is cheap, for there may be many
// sockets; words are made for what is shown.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shim/policy/plan.h"
#include "tools/inspect/foreign_socket.h"
#include "tools/sockopt/live/socket_role.h"

namespace sockopt {

/// What bounds settings in the network namespace of a socket; nothing where it is not known.
struct NamespaceLimits {
  std::optional<std::int64_t> somaxconn;
};

/// Of the namespace that the process is in.
NamespaceLimits read_limits(const ForeignProcess& process);

/// What the policy wants of a socket.
struct Expected {
  SocketRole role = SocketRole::kUnconnected;
  Decision decision;
  OptionSet options;  ///< those that such a socket can be held to
};

enum class Match : std::uint8_t {
  kHolds,
  kDiffers,
  kUnknown,  ///< it could not be read, or what the kernel would make of it is not known
};

struct CheckResult {
  Match match = Match::kUnknown;
  Value wanted{};  ///< as getsockopt would answer; of the backlog, at least
};

/// Checks the sockets of one process. The policy and the plan, made with the process's Program,
/// must outlive it.
class Checker {
 public:
  Checker(const Policy& policy, const Plan& plan) : policy_(policy), plan_(plan) {}

  const Policy& policy() const { return policy_; }

  /// `listener` is what Listeners::find says. The answer holds until the next call.
  const Expected& expect(const SocketFacts& facts, const Endpoint* listener);

  /// What some socket of the process may be wanted to have.
  OptionSet possible() const { return plan_.possible(); }

  /// Whether a client's peer decides what is wanted of it.
  bool asks_for_peers() const { return !plan_.deferred().empty(); }

  /// For one of the expected's options and what was read of it.
  CheckResult check(const Expected& expected, OptionId option, const OptionReading& held,
                    const NamespaceLimits& limits);

  /// The wanted value in words, and where it differs from what was asked for, why:
  /// `60s`, `4096 (of 16384: net.core.somaxconn)`, `2M (twice what is asked)`.
  std::string wanted_text(const Expected& expected, OptionId option, const Value& wanted) const;

 private:
  Expected make_expected(const SocketFacts& facts, SocketRole role, const Endpoint& address) const;
  OptionSet checkable(const SocketFacts& facts, SocketRole role, const Decision& decision) const;
  std::optional<Value> reported(const Setting& setting, const NamespaceLimits& limits);

  const Policy& policy_;
  const Plan& plan_;
  // Where no rule waits for an address, all sockets of a kind are wanted to be the same; else those
  // of a listener are. Peers are too many to be remembered.
  std::map<std::pair<int, Endpoint>, Expected> expected_;
  Expected of_client_;
  std::map<const Setting*, std::optional<Value>> tried_;
};

}  // namespace sockopt
