// SPDX-License-Identifier: MIT
//
// Putting a policy onto a socket that somebody else is using. Only what the socket does not hold
// already is set, through the library's own code; what is told afterwards is what the kernel says
// then and not what was asked for.
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <vector>

#include "tools/inspect/foreign_socket.h"
#include "tools/sockopt/live/drift.h"
#include "tools/sockopt/live/dry_run.h"

namespace sockopt {

enum class Outcome : std::uint8_t {
  kChanged,   ///< or, in a dry run, would be
  kRefused,   ///< by the kernel, or known to be; `error` is for describe_refusal
  kTooLate,   ///< has a meaning only before bind, or before the connection is made
  kKept,      ///< a longer backlog, which a policy does not shorten unless it enforces
  kVanished,  ///< a listener that was none any more when its backlog was about to be set
};

/// Why the value that an option had cannot be brought back by setting it.
enum class UndoObstacle : std::uint8_t {
  kNone,
  kUnknown,      ///< the kernel does not tell what it was
  kNoSuchValue,  ///< the option cannot be set to it
  kTwoValues,    ///< one for IPv4 and another for IPv6, and the option sets both
};

struct OptionChange {
  OptionId option = 0;
  Outcome outcome = Outcome::kChanged;
  UndoObstacle obstacle = UndoObstacle::kNone;
  int error = 0;
  const Setting* setting = nullptr;  ///< the policy's
  OptionReading before{};
  OptionReading after{};  ///< of kChanged; in a dry run, as far as it can be told
  /// Of `rcvbuf` and `sndbuf`: SO_BUF_LOCK before, which they change besides; -1 where it cannot be
  /// brought back.
  int buffer_locks = -1;
  /// Of `tos`: SO_PRIORITY before, which IP_TOS sets as well (ip(7)).
  OptionReading priority = {.error = ENODATA};
  /// Of `priority`: nobody asked for it, but for `tos`; `setting` is that one.
  bool follows_tos = false;

  bool is_failure() const { return outcome != Outcome::kChanged && outcome != Outcome::kKept; }
};

/// Whether the option can still be set on a socket of this role.
bool is_settable(const Option& option, SocketRole role);

enum class Mode : std::uint8_t { kChange, kDryRun };

/// Changes the sockets of one process. What it is given must outlive it.
class LiveChanger {
 public:
  LiveChanger(Checker& checker, Mode mode) : checker_(checker), mode_(mode) {}

  /// What was done, or could not be, in the order of the option table; empty where the socket holds
  /// all that it can be held to. `refusals` are for a dry run.
  std::vector<OptionChange> change(const ForeignSocket& socket, const Expected& expected,
                                   const NamespaceLimits& limits, const Refusals& refusals);

  /// What such a socket can be held to, and what it should be told about.
  OptionSet options_for(const SocketFacts& facts, const Expected& expected) const;

 private:
  std::optional<OptionChange> change_one(const ForeignSocket& socket, const Expected& expected,
                                         OptionId id, const NamespaceLimits& limits,
                                         const Refusals& refusals, const OptionReading& priority);
  void follow_tos(const ForeignSocket& socket, const OptionReading& priority,
                  std::vector<OptionChange>& changes) const;
  std::optional<OptionChange> change_backlog(const ForeignSocket& socket, const Expected& expected,
                                             OptionId id, const NamespaceLimits& limits);

  Checker& checker_;
  Mode mode_;
};

}  // namespace sockopt
