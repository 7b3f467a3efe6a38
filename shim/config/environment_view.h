// SPDX-License-Identifier: MIT
//
// An environment, wherever it comes from: environ(7), or what exec(2) left.
#pragma once

#include <string_view>

namespace sockopt {

inline constexpr std::string_view kEnvironmentSource = "environment";
inline constexpr std::string_view kVariablePrefix = "SOCKOPT_";

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

/// What follows `beginning` in `entry`, null where it begins otherwise. Most entries do, and are
/// told by a letter or two.
static inline const char* behind(const char* entry, std::string_view beginning) {
  for (const char c : beginning) {
    if (*entry++ != c) return nullptr;
  }
  return entry;
}

}  // namespace sockopt
