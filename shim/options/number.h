// SPDX-License-Identifier: MIT
//
// Numbers as people write them in sockopt.ini: `60`, `0x10`, `5m`, `500ms`, `256K`.  Strict: every
// character must belong to the number, and nothing overflows.  What is wrong is distinguished, so
// that the message can say what to write instead.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/options/option.h"

namespace sockopt {

enum class NumberProblem : std::uint8_t {
  kNone,
  kNotANumber,
  kTrailing,   ///< a number, then `rest`
  kOverflow,   ///< beyond 64 bits
  kNeedsUnit,  ///< a bare number where the kernel's unit is not the second
  kNotWhole,   ///< 500ms where whole seconds are counted
};

struct NumberText {
  NumberProblem problem = NumberProblem::kNone;
  std::int64_t number = 0;
  std::string_view rest = {};
};

/// Decimal or 0x...; a leading `-` is read, so that a range error can be given for it.
NumberText read_integer(std::string_view text);

/// A duration in `unit`: a number with us, ms, s, m or h; without one only where `unit` is seconds.
NumberText read_duration(std::string_view text, Unit unit);

/// Bytes: a number, with K, M or G for powers of 1024.
NumberText read_size(std::string_view text);

}  // namespace sockopt
