// SPDX-License-Identifier: MIT
//
// A setting: an option, its value, and the place it came from, so that whatever is said about it
// later can name that place.
#pragma once

#include <cstdint>

#include "shim/options/option_set.h"
#include "shim/options/value.h"

namespace sockopt {

/// Where a setting was written.
struct Origin {
  enum class Kind : std::uint8_t { kFile, kVariable };

  Kind kind;
  std::uint32_t line;  ///< of the file, from 1; 0 for a variable
};

// Trivial, as Value is: a policy's array of them is not written to before it is used.
struct Setting {
  OptionId option;
  bool keeps_default;  ///< written as `default`: decided, and nothing is to be done
  Origin origin;
  Value value;
};

}  // namespace sockopt
