// SPDX-License-Identifier: MIT
//
// Running a victim (victims/) and reading what it told: lines `FACT VALUE`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/script.h"

namespace sockopt::test {

struct Facts {
  Finished finished;
  std::vector<std::string> lines;

  /// What was told of it last; `(not told)` if it was not.
  std::string operator[](std::string_view fact) const;
  /// The same as a number; fails the test if it is none.
  long number(std::string_view fact) const;
  const std::string& error() const { return finished.error; }
};

/// The victim must come to a good end.
Facts facts_of(Command command);
Facts facts_of(std::vector<std::string> argv, const Environment& environment);

/// An environment with these libraries in LD_PRELOAD, in this order, and SOCKOPT_ variables given
/// without the prefix.
Environment preloading(const std::vector<std::string>& libraries, const Environment& settings);

/// Both orders of this library and another.
std::vector<std::vector<std::string>> both_orders(const std::string& other);

}  // namespace sockopt::test
