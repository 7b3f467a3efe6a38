// SPDX-License-Identifier: MIT
//
// Reads INI text strictly, line by line.  inih does the tokenizing, but it silently cuts long
// lines, joins indented ones and takes `:` for `=`.  So every line is examined first, and one that
// inih could misread becomes a fault and never reaches it.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/fault.h"

namespace sockopt {

inline constexpr std::size_t kMaxIniLine = 198;
inline constexpr std::size_t kMaxIniSection = 49;

constexpr bool begins_comment(char c) { return c == ';' || c == '#'; }

/// A part of a line, with its place.
struct IniText {
  std::string_view text;
  std::uint32_t column;  ///< from 1
};

struct IniHandler {
  void* context;
  /// `[name]`; entries that follow belong to it.  Column 0: the section's line had an error.
  void (*section)(void* context, const IniText& name, std::uint32_t line);
  /// `key = value`, white space and comments removed.
  void (*entry)(void* context, const IniText& key, const IniText& value, std::uint32_t line);
  /// A line that is neither, and was reported.  May be null.
  void (*unreadable)(void* context, std::string_view line, std::uint32_t number) = nullptr;
  /// Whether nothing more is wanted.  May be null.
  bool (*is_done)(void* context) = nullptr;
};

/// Reads `text`; `source` names it in faults.
void read_ini(std::string_view text, std::string_view source, const IniHandler& handler,
              FaultSink faults);

}  // namespace sockopt
