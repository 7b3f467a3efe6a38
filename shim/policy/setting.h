// SPDX-License-Identifier: MIT
//
// A setting: an option, its value, and its place, so that every message about it can name that
// place.
#pragma once

#include <cstdint>

#include "shim/options/option_set.h"
#include "shim/options/value.h"

namespace sockopt {

// Trivial, like Value: an array of them in a policy is not written before it is used.
struct Setting {
  OptionId option;
  bool keeps_default;   ///< written as `default` or `ignore`: decided, and nothing is to be set
  bool ignores;         ///< written as `ignore`: by the program neither
  std::uint8_t preset;  ///< 1 + index of the preset that brought it; 0 for none
  std::uint16_t rule;   ///< index of the rule it stands in
  std::uint32_t line;   ///< of the rule's file, from 1; 0 for a variable
  Value value;
};

}  // namespace sockopt
