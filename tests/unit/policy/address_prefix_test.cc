// SPDX-License-Identifier: MIT
//
// Every prefix length of both families, each bit on either side of its end: which addresses a
// pattern means is compared with counting the bits one by one.
#include <random>

#include "tests/unit/policy/addresses.h"

namespace sockopt::test {
namespace {

class Prefixes : public ::testing::TestWithParam<Address::Family> {
 protected:
  static int size() { return bits_of(GetParam()); }

  Bytes random_bytes() {
    Bytes bytes{};
    for (int i = 0; i < size() / 8; ++i) {
      bytes[static_cast<std::size_t>(i)] = static_cast<unsigned char>(random_());
    }
    // No wildcard and no mapped address: those are tests of their own.
    bytes[0] = static_cast<unsigned char>(0x20 | (bytes[0] & 0x1f));
    return bytes;
  }

  static Bytes masked(Bytes bytes, int prefix) {
    for (int i = prefix; i < 128; ++i) {
      if (bit_of(bytes, i)) flip_bit(bytes, i);
    }
    return bytes;
  }

  static bool same_bits(const Bytes& a, const Bytes& b, int prefix) {
    for (int i = 0; i < prefix; ++i) {
      if (bit_of(a, i) != bit_of(b, i)) return false;
    }
    return true;
  }

  std::mt19937 random_{20240613};
};

TEST_P(Prefixes, EachBitCountsUpToTheLengthAndNoneBeyond) {
  for (int prefix = 0; prefix <= size(); ++prefix) {
    const Bytes base = masked(random_bytes(), prefix);
    const std::string text = text_of(GetParam(), base) + "/" + std::to_string(prefix);
    const AddressPattern pattern = pattern_of(text);
    for (int bit = 0; bit < size(); ++bit) {
      Bytes other = base;
      for (int i = prefix; i < size(); ++i) {
        if ((random_() & 1) != 0) flip_bit(other, i);
      }
      if (bit < prefix) flip_bit(other, bit);
      const Address address = make_address(GetParam(), other, 80);
      if (address.is_wildcard()) continue;
      ASSERT_EQ(pattern.matches(address), bit >= prefix)
          << text << " on " << text_of(GetParam(), other);
    }
    for (int round = 0; round < 20; ++round) {
      const Bytes other = random_bytes();
      ASSERT_EQ(pattern.matches(make_address(GetParam(), other, 80)),
                same_bits(base, other, prefix))
          << text << " on " << text_of(GetParam(), other);
    }
  }
}

TEST_P(Prefixes, BitsBeyondTheLengthAreRefused) {
  for (int prefix = 0; prefix < size(); ++prefix) {
    for (int bit = prefix; bit < size(); ++bit) {
      Bytes bytes = masked(random_bytes(), prefix);
      flip_bit(bytes, bit);
      const std::string text = text_of(GetParam(), bytes) + "/" + std::to_string(prefix);
      ASSERT_EQ(refusal_of(text),
                "has address bits beyond its " + std::to_string(prefix) + "-bit prefix")
          << text;
    }
  }
}

TEST_P(Prefixes, WithoutALengthAllBitsCount) {
  for (int round = 0; round < 50; ++round) {
    const Bytes bytes = random_bytes();
    const AddressPattern pattern = pattern_of(text_of(GetParam(), bytes));
    EXPECT_TRUE(pattern.matches(make_address(GetParam(), bytes, 1)));
    for (int bit = 0; bit < size(); ++bit) {
      Bytes other = bytes;
      flip_bit(other, bit);
      ASSERT_FALSE(pattern.matches(make_address(GetParam(), other, 1))) << bit;
    }
  }
}

TEST_P(Prefixes, OfTheOtherFamilyNeverMatch) {
  const auto other =
      GetParam() == Address::Family::kIpv4 ? Address::Family::kIpv6 : Address::Family::kIpv4;
  const std::string all = text_of(GetParam(), Bytes{}) + "/0";
  for (int round = 0; round < 50; ++round) {
    EXPECT_FALSE(pattern_of(all).matches(make_address(other, random_bytes(), 80)));
  }
}

// A listener of every address would carry the options to all the others.
TEST_P(Prefixes, OfNoLengthMatchTheWildcardButTheWildcardItself) {
  const Address wildcard = make_address(GetParam(), Bytes{}, 80);
  for (int prefix = 0; prefix < size(); ++prefix) {
    const std::string text = text_of(GetParam(), Bytes{}) + "/" + std::to_string(prefix);
    EXPECT_FALSE(pattern_of(text).matches(wildcard)) << text;
  }
  EXPECT_TRUE(pattern_of(text_of(GetParam(), Bytes{})).matches(wildcard));
  EXPECT_TRUE(
      pattern_of(text_of(GetParam(), Bytes{}) + "/" + std::to_string(size())).matches(wildcard));
  for (int bit = 0; bit < size(); ++bit) {
    Bytes bytes{};
    flip_bit(bytes, bit);
    EXPECT_FALSE(pattern_of(text_of(GetParam(), bytes)).matches(wildcard)) << bit;
    EXPECT_FALSE(
        pattern_of(text_of(GetParam(), Bytes{})).matches(make_address(GetParam(), bytes, 80)));
  }
}

TEST_P(Prefixes, LongerThanTheAddressAreRefused) {
  for (int prefix = size() + 1; prefix < 400; ++prefix) {
    const std::string text = text_of(GetParam(), Bytes{}) + "/" + std::to_string(prefix);
    EXPECT_TRUE(refusal_of(text).starts_with("takes a port (443, 80-89)")) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(, Prefixes,
                         ::testing::Values(Address::Family::kIpv4, Address::Family::kIpv6),
                         [](const auto& row) {
                           return row.param == Address::Family::kIpv4 ? "Ipv4" : "Ipv6";
                         });

// The prefixes of ::ffff:0:0/96 are IPv4's, for every length.
TEST(MappedPrefixes, AreIpv4sOfEveryLength) {
  std::mt19937 random{7};
  for (int prefix = 0; prefix <= 32; ++prefix) {
    Bytes ipv4{10, 20, 30, 40};
    for (int i = prefix; i < 32; ++i) {
      if (bit_of(ipv4, i)) flip_bit(ipv4, i);
    }
    Bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ipv4[0], ipv4[1], ipv4[2], ipv4[3]};
    const AddressPattern plain =
        pattern_of(text_of(Address::Family::kIpv4, ipv4) + "/" + std::to_string(prefix));
    const AddressPattern same =
        pattern_of(text_of(Address::Family::kIpv6, mapped) + "/" + std::to_string(96 + prefix));
    for (int bit = -1; bit < 32; ++bit) {
      Bytes other = ipv4;
      if (bit >= 0) flip_bit(other, bit);
      const Address address = make_address(Address::Family::kIpv4, other, 80);
      ASSERT_EQ(plain.matches(address), same.matches(address)) << prefix << ' ' << bit;
    }
  }
}

TEST(MappedPrefixes, ShorterOnesAreIpv6sAndMatchNoIpv4Peer) {
  for (int prefix = 0; prefix < 96; ++prefix) {
    const AddressPattern pattern = pattern_of("[::]/" + std::to_string(prefix));
    EXPECT_FALSE(pattern.matches(address_of("10.0.0.1:80"))) << prefix;
    EXPECT_FALSE(pattern.matches(address_of("[::ffff:10.0.0.1]:80"))) << prefix;
  }
}

}  // namespace
}  // namespace sockopt::test
