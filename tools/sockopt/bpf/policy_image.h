// SPDX-License-Identifier: MIT
//
// A policy as the programs in the kernel read it. They have little room to search, so the searching
// is done here: which rules an address can match is worked out for every port and prefix that a
// rule names, and a glob becomes an automaton.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "shim/policy/policy.h"
#include "tools/sockopt/bpf/layout.h"

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

struct PolicyImage {
  std::vector<engine_setting> settings{};
  std::vector<engine_rule> rules{};
  std::vector<engine_pattern> patterns{};
  std::vector<engine_glob> globs{};
  std::vector<std::pair<engine_port_key, std::uint32_t>> ports{};
  std::vector<std::pair<engine_host_key, std::uint32_t>> hosts{};
  std::vector<engine_range> classes{};  ///< of class_rules
  std::vector<std::uint32_t> class_rules{};
  std::vector<std::uint32_t> base_rules{};
  std::vector<std::pair<engine_name, std::uint32_t>> option_ids{};
  std::uint32_t priority_option = 0;

  bool has_programs = false;
  bool has_addresses = false;
  bool enforces_by_address = false;
  bool sets_priority = false;
  bool sets_listeners = false;  ///< something at bind or listen
  bool sets_clients = false;    ///< something at connect
  bool rules_calls = false;     ///< enforces or ignores something
};

/// Why the bpf engine cannot make a setting itself.
enum class BpfLimit : std::uint8_t {
  kNone,
  kNever,       ///< bpf_setsockopt does not take the option
  kOtherValue,  ///< not this value
  kTooOld,      ///< this kernel's does not
};

BpfLimit bpf_limit(const Policy& policy, const Setting& setting, KernelVersion kernel);

PolicyImage compile_policy(const Policy& policy, KernelVersion kernel);

/// `name` matches as a program of a rule would, with a name cut as the kernel's programs cut it:
/// what they do, step by step, for tests.
bool automaton_matches(const engine_glob& glob, std::string_view name);
engine_glob compile_glob(std::string_view glob);

}  // namespace sockopt
