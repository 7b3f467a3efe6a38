// SPDX-License-Identifier: MIT
//
// What every reader of a section does alike, whatever its options are: lists of patterns,
// `enforce`, and what it says of a line that is wrong.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/assignment.h"
#include "shim/config/fault.h"
#include "shim/config/ini.h"
#include "shim/policy/policy.h"

namespace sockopt {

class SectionReader {
 protected:
  struct Entry {
    const IniText& key;
    const IniText& value;
    std::uint32_t line;
  };

  SectionReader(std::string_view source, Policy& policy, FaultSink faults)
      : source_(source), policy_(policy), faults_(faults) {}

  /// A section begins.
  void begin(const IniText& header, std::uint32_t line);

  void set_enforce(const Entry& entry);
  void add_program(const Entry& entry, const IniText& pattern, bool excludes);
  /// Splits a list at its commas, for `take(pattern, excludes)`; `!` in front of one excludes.
  template <typename Take>
  void for_each_pattern(const Entry& entry, const Take& take);

  /// The key of a line that is none; `continued` where the line is indented, since it may have been
  /// meant to continue a list of patterns.
  static std::string_view lost_key(std::string_view line, std::string_view continued);

  /// Whether the key was already in this section, and was understood.
  bool is_repeated(const Entry& entry, std::uint32_t first_line);

  // A rule with a condition that is not understood must not match more than was meant, so it
  // matches nothing.
  void void_rule(const IniText& where, std::uint32_t line, std::string_view reason);
  void void_rule(const Entry& entry, const IniText& pattern, std::string_view reason);
  /// This line may have been a condition.
  void void_rule_for(std::uint32_t lost_line);

  void report_value(const Entry& entry, std::string_view reason);
  void report(const IniText& where, std::uint32_t line, std::string_view message) {
    report_to(faults_, where, line, message);
  }
  void report_to(FaultSink faults, const IniText& where, std::uint32_t line,
                 std::string_view message);

  std::string_view source_;
  Policy& policy_;
  FaultSink faults_;
  IniText header_ = {};
  std::uint32_t line_ = 0;  // of the header
  std::uint32_t enforce_line_ = 0;
  std::uint32_t set_at_[kMaxOptions] = {};  // the line of each option's setting; 0: none

 private:
  /// Takes the first pattern off a list; false where it is the last.
  static bool next_pattern(std::string_view& rest, std::string_view& item, bool& excludes);
};

template <typename Take>
void SectionReader::for_each_pattern(const Entry& entry, const Take& take) {
  std::string_view rest = entry.value.text;
  for (bool more = true; more;) {
    std::string_view item;
    bool excludes = false;
    more = next_pattern(rest, item, excludes);
    if (item.empty()) {
      void_rule(entry, entry.value, "an empty pattern");
      continue;
    }
    const auto offset = static_cast<std::uint32_t>(item.data() - entry.value.text.data());
    const IniText pattern = {item, entry.value.column + offset};
    if (is_quoted(item)) {
      void_rule(entry, pattern, "write it without quotes");
    } else {
      take(pattern, excludes);
    }
  }
}

}  // namespace sockopt
