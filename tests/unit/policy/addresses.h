// SPDX-License-Identifier: MIT
//
// Addresses as bytes a test can count through, and what a pattern means for them, bit by bit.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "shim/policy/address.h"

namespace sockopt::test {

using Bytes = std::array<unsigned char, 16>;

inline bool bit_of(const Bytes& bytes, int index) {
  return (bytes[static_cast<std::size_t>(index / 8)] >> (7 - index % 8) & 1) != 0;
}
inline void flip_bit(Bytes& bytes, int index) {
  bytes[static_cast<std::size_t>(index / 8)] ^= static_cast<unsigned char>(0x80 >> index % 8);
}

inline int bits_of(Address::Family family) { return family == Address::Family::kIpv4 ? 32 : 128; }

Address make_address(Address::Family family, const Bytes& bytes, int port);

/// `10.0.0.1` or `[2001:db8::1]`.
std::string text_of(Address::Family family, const Bytes& bytes);

/// Reads a pattern that must be sound.
AddressPattern pattern_of(std::string_view text);
/// Why a pattern is refused; empty, and a failed test, if it is not.
std::string refusal_of(std::string_view text);

/// An address with its port; the test fails if it is none.
Address address_of(std::string_view text);

}  // namespace sockopt::test
