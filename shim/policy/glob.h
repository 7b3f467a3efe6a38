// SPDX-License-Identifier: MIT
//
// Shell patterns for program names, as in glob(7): `*`, `?` and `[a-z]`, against the whole text,
// case-sensitive.  No pattern makes a program start slowly.
#pragma once

#include <string_view>

namespace sockopt {

bool glob_matches(std::string_view pattern, std::string_view text);

/// False for `[` without a `]`, which could match nothing that was meant.
bool is_sound_glob(std::string_view pattern);

}  // namespace sockopt
