// SPDX-License-Identifier: MIT
//
// The settings of a policy that can reach a socket at all: what the host must be able to give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "shim/policy/policy.h"

namespace sockopt {

struct Wanted {
  const Setting* setting;
  const Option* option;
  std::string origin;  ///< `/etc/sockopt.ini:3`, `SOCKOPT_KEEPIDLE`

  std::int64_t number() const { return setting->value.number(option->kind); }
  /// Of options that have names.
  std::string text() const;
};

/// Without a program, the settings for any program. What a later section overrules on every socket
/// is not among them, nor is `default`.
std::vector<Wanted> wanted_settings(const Policy& policy, const Program* program);

/// How many settings can come to effect: each option once in its section, and none of a rule that
/// is faulty and matches nothing. Of some rules, or of all.
std::size_t settings_in_force(const Policy& policy,
                              const std::function<bool(const Rule&)>& counts = {});

}  // namespace sockopt
