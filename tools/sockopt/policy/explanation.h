// SPDX-License-Identifier: MIT
//
// Why a socket gets what it gets: for each option the setting that wins and those it overruled, and
// for each rule that does not apply the reason. Worked out by walking the policy the slow way, one
// rule after the other; the library's Plan must come to the same settings.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/policy/plan.h"
#include "shim/policy/policy.h"

namespace sockopt {

/// The socket that is asked about. What is not given is not known, and rules that name it are out.
struct SocketQuestion {
  const Program* program = nullptr;
  std::optional<Side> side;
  Address address;
};

struct ExplainedSetting {
  const Setting* winner = nullptr;
  std::vector<const Setting*> overruled;  ///< the strongest last
  bool waits = false;                     ///< decided by an address
  bool provisional = false;               ///< and until then, [sockopt]'s value holds
};

struct SilentRule {
  const Rule* rule = nullptr;
  std::string reason;
  std::string fix;  ///< where a listener that is bound otherwise would match
};

struct Explanation {
  std::vector<ExplainedSetting> settings;  ///< in the order of the option table
  std::vector<SilentRule> silent;
};

Explanation explain(const Policy& policy, const SocketQuestion& question);

/// Whether nothing is set before the address is known.
bool is_decided_late(const Policy& policy, const ExplainedSetting& explained);

/// The calls before or after which the setting is made: `socket`, `listen`, `after listen`.
std::vector<std::string_view> calls_of(const Policy& policy, const ExplainedSetting& explained,
                                       const SocketQuestion& question);

/// System calls for one accepted connection, or for one that is made.
int calls_per_connection(const Policy& policy, const ExplainedSetting& explained,
                         const SocketQuestion& question);

}  // namespace sockopt
