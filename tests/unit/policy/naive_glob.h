// SPDX-License-Identifier: MIT
//
// Shell patterns a second time, as glob(7) reads aloud, too slow to ship.
#pragma once

#include <string_view>

namespace sockopt::test {

/// Whether every `[` has its `]`.
bool is_closed_glob(std::string_view pattern);

/// A `[` without its `]` stands for itself.
bool naive_glob_matches(std::string_view pattern, std::string_view text);

}  // namespace sockopt::test
