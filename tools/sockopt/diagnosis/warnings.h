// SPDX-License-Identifier: MIT
//
// Settings that are allowed and yet hurt: each warning is a function over the settings that come
// together on a socket, and says what happens and what to write instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shim/policy/policy.h"
#include "tools/inspect/host.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// The settings that come together on the sockets of one rule, by key: its own, and those of every
/// rule that matches all that it matches, `[sockopt]` first of all. Of several settings of one
/// option the last one holds.
class Settings {
 public:
  /// Without a rule, those of `[sockopt]` only.
  Settings(const Policy& policy, const Rule* rule);

  /// Null where the option is not set, or left to the kernel (`default`).
  const Setting* find(std::string_view key) const;

  bool is_on(std::string_view key) const;
  std::int64_t number(const Setting& setting) const;
  /// As in the file: `user_timeout = 30s`.
  std::string text(const Setting& setting) const;
  /// Whether no pattern narrows down which programs or listeners have the setting.
  bool is_for_every_listener(const Setting& setting) const;

 private:
  const Policy& policy_;
  const Setting* chosen_[kMaxOptions] = {};
};

/// Each warning once, whatever number of rules it holds for; with a program, those of its rules
/// only. Its place is the line of a setting, or the variable or option that it came from.
Findings find_warnings(const Policy& policy, const Host& host, const Program* program = nullptr);

}  // namespace sockopt
