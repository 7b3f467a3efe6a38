// SPDX-License-Identifier: MIT
//
// What a policy would give a socket where it is attached: which settings the engine makes and at
// which calls, and what makes the others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/policy/plan.h"
#include "shim/policy/policy.h"
#include "tools/sockopt/bpf/compile_policy.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// How an option that the engine does not set can be set all the same.
enum class OtherWay : std::uint8_t {
  kWatch,    ///< on a socket that listens or connects: `sockopt watch`
  kLibrary,  ///< only within the program: it must precede bind or connect
};
OtherWay other_way(const Option& option, Side side);

/// What makes a setting where the policy is attached.
enum class SetBy : std::uint8_t {
  kNothing,  ///< it is `default`, or nothing can
  kEngine,
  kCalls,    ///< `ignore`: the engine keeps the program's own calls from being made
  kWatch,    ///< `sockopt watch`, on each new listener or connection
  kLibrary,  ///< only the library, within the program
};

/// `side` is that of the socket that is asked about; none: of any socket.
SetBy set_by(const Policy& policy, const Setting& setting, KernelVersion kernel,
             const std::optional<Side>& side);

/// `bpf`, `watch` or `library`; empty: nothing.
std::string_view set_by_word(SetBy by);

/// The calls at which it is made by that; `is_late`: not before the address is known.
std::vector<std::string_view> engine_calls(const Option& option, SetBy by,
                                           const std::optional<Side>& side, bool is_late);

/// What the engine does not make of a setting, and what does, with its place; nothing: it makes it.
std::optional<Finding> engine_limit(const Policy& policy, const Setting& setting,
                                    KernelVersion kernel, const std::optional<Side>& side);

/// The same of all settings of a policy, and of its rules.
Findings engine_limits(const Policy& policy, KernelVersion kernel);

/// Rules that name a program in a way that the engine does not know.
Findings engine_rule_limits(const Policy& policy);

/// The same of programs that have another name on this host: redis-server is a link, a script its
/// interpreter.
Findings engine_name_limits(const Policy& policy);

/// That this command could not attach the policy; nothing: it could.
std::optional<Finding> engine_absence();

}  // namespace sockopt
