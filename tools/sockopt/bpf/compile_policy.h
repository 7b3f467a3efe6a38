// SPDX-License-Identifier: MIT
//
// Makes a policy into what the programs in the kernel read. They have little room to search, so the
// searching is done here: which rules an address can match is worked out for every port and prefix
// that a rule names, and a glob becomes an automaton.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "shim/policy/policy.h"
#include "tools/sockopt/bpf/policy_image.h"

namespace sockopt {

/// Of a kernel: 6.1.
struct KernelVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const KernelVersion&) const = default;

  static KernelVersion running();
  /// `6.15`, or `6.1.0-49-amd64`.
  static KernelVersion parse(std::string_view text);
};

/// Why the bpf engine cannot make a setting itself.
enum class BpfLimit : std::uint8_t {
  kNone,
  kNever,       ///< bpf_setsockopt does not take the option
  kOtherValue,  ///< not this value
  kTooOld,      ///< this kernel's does not
};

BpfLimit bpf_limit(const Policy& policy, const Setting& setting, KernelVersion kernel);

/// Whether it has to be set before bind, or had better be.
bool precedes_bind(const Option& option);

PolicyImage compile_policy(const Policy& policy, KernelVersion kernel);

/// `name` matches as a program of a rule would, with a name cut as the kernel's programs cut it:
/// what they do, step by step, for tests.
bool automaton_matches(const engine_glob& glob, std::string_view name);
engine_glob compile_glob(std::string_view glob);

}  // namespace sockopt
