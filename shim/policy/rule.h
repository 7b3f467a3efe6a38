// SPDX-License-Identifier: MIT
//
// A rule: a section of the file, what it matches, and the range of its settings.  `[sockopt]` is
// the rule without a condition, and the variables are the last rule of all.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/policy/address.h"

namespace sockopt {

/// Part of one of the policy's arrays.
struct Range {
  std::uint16_t first;
  std::uint16_t count;
};

/// Part of the policy's text.
struct TextRange {
  std::uint32_t first;
  std::uint32_t count;
};

struct ProgramPattern {
  TextRange glob;
  bool excludes;  ///< written with `!`
};

// Trivial: an array of them in a policy is not written before it is used.
struct Rule {
  enum class Kind : std::uint8_t { kBase, kRule, kVariables };
  enum class State : std::uint8_t {
    kInForce,
    kFaulty,  ///< matches nothing
    kForZmq,  ///< nor does this: it is for ZeroMQ's sockets, of which another library takes care
  };

  Kind kind;
  bool enforces;  ///< the policy's value stands, whatever the program sets
  State state;
  std::uint8_t file;   ///< index of the file it stands in
  std::uint32_t line;  ///< of its section, from 1
  TextRange name;
  Range programs;
  Range listens;
  Range connects;

  bool is_void() const { return state != State::kInForce; }
  /// Whether it waits for an address.
  bool has_address() const { return listens.count != 0 || connects.count != 0; }
};

}  // namespace sockopt
