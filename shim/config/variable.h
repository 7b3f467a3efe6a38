// SPDX-License-Identifier: MIT
//
// A variable as it stands in the environment: which are ours, which option each is for, and whether
// it stands for an -o. Static, so that what is called once becomes part of its caller.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/assignment.h"
#include "shim/config/environment_view.h"
#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

inline constexpr std::string_view kRawPrefix = "RAW_";

struct Variable {
  std::string_view name;  ///< without SOCKOPT_
  std::string_view value;
};

// The variable in `text`, if it is one of ours that is set.
static inline bool is_ours(const char* text, Variable& variable) {
  if (behind(text, kVariablePrefix) == nullptr) return false;
  const std::string_view entry(text);
  const std::size_t equals = entry.find('=');
  if (equals == std::string_view::npos || equals + 1 == entry.size()) return false;
  variable = {slice(entry, kVariablePrefix.size(), equals - kVariablePrefix.size()),
              slice(entry, equals + 1)};
  return true;
}

// Kubernetes gives every container the address of a service called `sockopt`:
// SOCKOPT_SERVICE_HOST, SOCKOPT_PORT, SOCKOPT_PORT_80_TCP_ADDR ... And SOCKOPT_ZMQ_<KEY> is
// libsockopt-zmq.so's.
inline constexpr FixedText<8> kOthersNames[] = {"PORT", "SERVICE", "ZMQ"};

static inline bool is_others(std::string_view name) {
  const std::string_view word = slice(name, 0, name.find('_'));
  for (const auto& others : kOthersNames) {
    if (others == word) return true;
  }
  return false;
}

// KEEPIDLE -> keepidle, RAW_6_18 -> raw.6.18, in `out`.  Lower case, or RAW_6.18, is not a variable
// of ours: there is one spelling, as everywhere.
static inline bool key_of(std::string_view name, Text& out) {
  const bool raw = name.starts_with(kRawPrefix);
  for (const char c : name) {
    if (c != to_upper(c) || c == '.') return false;
    out << (raw && c == '_' ? '.' : to_lower(c));
  }
  return !out.was_cut();
}

static inline void report_variable(FaultSink faults, std::string_view message) {
  faults({kEnvironmentSource, 0, 0, 0, message});
}

// Whether `given`, the SOCKOPT_GIVEN of `sockopt run`, has this NAME=VALUE: it is a list of them,
// each with a space before it.
[[gnu::noinline]] static bool is_given(std::string_view variable, std::string_view given) {
  for (; given.size() > variable.size(); given.remove_prefix(1)) {
    if (given[0] != ' ' || !slice(given, 1).starts_with(variable)) continue;
    if (given.size() == variable.size() + 1 || given[variable.size() + 1] == ' ') return true;
  }
  return false;
}

/// Setting::line of a variable; `name` begins it, and the value is behind that.
static inline std::uint32_t line_of_variable(const char* name, std::string_view value,
                                             std::string_view given) {
  const std::string_view text(name, static_cast<std::size_t>(value.end() - name));
  return is_given(text, given) ? kOnCommandLine : 0;
}

// The boolean in a variable: false if unset, `otherwise` if it is not a boolean.
static inline bool read_switch(const EnvironmentView& environment, std::string_view name,
                               bool otherwise, std::string_view consequence, FaultSink faults) {
  const std::string_view value = get_variable(environment, name);
  if (value.empty()) return false;
  bool on = false;
  TextOf<160> message;
  message << name << '=';
  message.escaped(value, 60) << ": ";
  if (parse_boolean(value, on, message)) return on;
  message << consequence;
  report_variable(faults, message.view());
  return otherwise;
}

}  // namespace sockopt
