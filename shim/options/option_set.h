// SPDX-License-Identifier: MIT
//
// A set of options as one machine word, so that "all that is pending now, without what the program
// set itself" is two instructions in a call.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace sockopt {

/// The index of a row: of table.h first, then of the policy's raw options.
using OptionId = std::uint8_t;
inline constexpr std::size_t kMaxOptions = 64;

class OptionSet {
 public:
  constexpr OptionSet() = default;
  constexpr explicit OptionSet(std::uint64_t bits) : bits_(bits) {}
  static constexpr OptionSet of(OptionId id) { return OptionSet(std::uint64_t{1} << id); }

  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool contains(OptionId id) const { return (bits_ >> id & 1) != 0; }
  constexpr int count() const { return std::popcount(bits_); }
  constexpr std::uint64_t bits() const { return bits_; }

  constexpr OptionSet operator|(OptionSet other) const { return OptionSet(bits_ | other.bits_); }
  constexpr OptionSet operator&(OptionSet other) const { return OptionSet(bits_ & other.bits_); }
  constexpr OptionSet without(OptionSet other) const { return OptionSet(bits_ & ~other.bits_); }
  constexpr OptionSet& operator|=(OptionSet other) { return *this = *this | other; }
  constexpr void add(OptionId id) { bits_ |= std::uint64_t{1} << id; }
  constexpr void remove(OptionId id) { bits_ &= ~(std::uint64_t{1} << id); }
  constexpr bool operator==(const OptionSet&) const = default;

  class Iterator {
   public:
    constexpr explicit Iterator(std::uint64_t bits) : bits_(bits) {}
    constexpr OptionId operator*() const { return static_cast<OptionId>(std::countr_zero(bits_)); }
    constexpr Iterator& operator++() {
      bits_ &= bits_ - 1;
      return *this;
    }
    constexpr bool operator!=(const Iterator& other) const { return bits_ != other.bits_; }

   private:
    std::uint64_t bits_;
  };
  constexpr Iterator begin() const { return Iterator(bits_); }
  constexpr Iterator end() const { return Iterator(0); }

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace sockopt
