// SPDX-License-Identifier: MIT
//
// The library's variables: SOCKOPT_DISABLE, SOCKOPT_CONFIG, SOCKOPT_LOG, SOCKOPT_ENFORCE,
// SOCKOPT_PRESET and a SOCKOPT_<KEY> for each option; and when to trust them.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

inline constexpr std::string_view kEnvironmentSource = "environment";
inline constexpr std::string_view kVariablePrefix = "SOCKOPT_";

/// Which of the variables `sockopt run` has set from -o, with their values: ` KEEPIDLE=60s`. To the
/// library they are like any other; who asks where a setting came from did not write any.
inline constexpr std::string_view kGivenVariable = "SOCKOPT_GIVEN";

/// The `NAME=VALUE` of a process, one after the other.
class EnvironmentView {
 public:
  class Iterator {
   public:
    explicit Iterator(const EnvironmentView& view) : array_(view.array_), text_(view.text_) {}
    const char* operator*() const { return array_ != nullptr ? *array_ : text_.data(); }
    Iterator& operator++();
    /// Against the end.
    bool operator!=(const Iterator& /*end*/) const {
      return array_ != nullptr ? *array_ != nullptr : !text_.empty();
    }

   private:
    const char* const* array_;
    std::string_view text_;
  };

  /// None at all: no variable is to be heeded.
  constexpr EnvironmentView() = default;
  /// As environ(7).
  constexpr EnvironmentView(const char* const* array) : array_(array) {}  // NOLINT: as it stands
  /// As exec(2) lays it out: texts that each end in NUL. What follows the last NUL is none.
  EnvironmentView(const char* begin, const char* end);

  explicit operator bool() const { return array_ != nullptr || !text_.empty(); }
  Iterator begin() const { return Iterator(*this); }
  Iterator end() const { return Iterator(*this); }

 private:
  const char* const* array_ = nullptr;
  std::string_view text_;
};

/// The value of a variable; empty if it is unset or empty.  It ends in NUL.
std::string_view get_variable(const EnvironmentView& environment, std::string_view name);

/// Whether `preload`, the value of LD_PRELOAD, names this library.  A descendant of a set-user-ID
/// program has lost LD_PRELOAD but still has every SOCKOPT_* of its caller: without the
/// name, all variables are ignored.  `library` is the path we were loaded from, which may be a
/// renamed copy.
bool names_library(std::string_view preload, std::string_view library);

/// SOCKOPT_DISABLE.
bool is_disabled(const EnvironmentView& environment, FaultSink faults);

/// Adds SOCKOPT_PRESET, SOCKOPT_<KEY>, SOCKOPT_ENFORCE and SOCKOPT_LOG as the policy's last rule.
void read_environment(const EnvironmentView& environment, Policy& policy, FaultSink faults);

}  // namespace sockopt
