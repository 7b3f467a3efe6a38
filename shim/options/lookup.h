// SPDX-License-Identifier: MIT
//
// Finds a row: by its key, or by the kernel's level and name from a program's own setsockopt.
// suggestion.h is for what somebody probably meant.
#pragma once

#include <cstddef>
#include <string_view>

#include "shim/options/option_set.h"
#include "shim/options/table.h"

namespace sockopt {

inline constexpr OptionId kNoOption = 0xff;

/// The row whose key is exactly `key`, or kNoOption.
constexpr OptionId find_key(std::string_view key) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    if (kOptions[id].key == key) return id;
  }
  return kNoOption;
}

/// The same, out of line.
OptionId find_option(std::string_view key);

/// The row that (level, name) of setsockopt(2) belongs to, or kNoOption.  Other names
/// for the same thing (SO_BINDTOIFINDEX, IPV6_TCLASS) lead to the same row.
OptionId find_kernel_name(int level, int name);

/// The rows that set what this one sets, itself among them: rcvbuf and rcvbufforce.
OptionSet same_state(OptionId id);

constexpr OptionId option_id(const Option& option) {
  return static_cast<OptionId>(&option - kOptions.data());
}

/// The rows with `hook_point` among theirs.
constexpr OptionSet options_at(HookPoint hook_point) {
  OptionSet set;
  for (OptionId id = 0; id < kOptionCount; ++id) {
    if ((kOptions[id].hook_points & hook_point) != 0) set.add(id);
  }
  return set;
}

}  // namespace sockopt
