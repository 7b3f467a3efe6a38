// SPDX-License-Identifier: MIT
//
// A short text stored in place, not behind a pointer: tables of them need no relocation when the
// library is loaded, and can be read from another process.
#pragma once

#include <cstddef>
#include <string_view>

namespace sockopt {

template <std::size_t kCapacity>
struct FixedText {
  char characters[kCapacity] = {};

  constexpr FixedText() = default;
  /// From a literal; one that is too long does not compile.
  template <std::size_t kSize>
  constexpr FixedText(const char (&literal)[kSize]) {  // NOLINT: meant to be implicit
    static_assert(kSize <= kCapacity, "the text is longer than its place");
    for (std::size_t i = 0; i < kSize; ++i) characters[i] = literal[i];
  }

  constexpr std::string_view view() const {
    std::size_t size = 0;
    while (size < kCapacity && characters[size] != '\0') ++size;
    return {characters, size};
  }
  constexpr operator std::string_view() const { return view(); }  // NOLINT: meant to be implicit
  constexpr bool operator==(const FixedText& other) const { return view() == other.view(); }
  constexpr bool operator==(std::string_view other) const {
    if (other.size() >= kCapacity || characters[other.size()] != '\0') return false;
    for (std::size_t i = 0; i < other.size(); ++i) {
      if (characters[i] != other[i]) return false;
    }
    return true;
  }
  template <std::size_t kSize>
  constexpr bool operator==(const char (&literal)[kSize]) const {
    return *this == std::string_view(literal);
  }
  constexpr std::size_t size() const { return view().size(); }
  constexpr bool empty() const { return characters[0] == '\0'; }
};

}  // namespace sockopt
