// SPDX-License-Identifier: MIT
//
// Addresses are read as inet_pton(3) reads them: what it takes, and nothing else; and written as
// inet_ntop(3) writes them.
#include "shim/policy/address_text.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace sockopt::test {
namespace {

struct Reading {
  bool sound = false;
  std::array<unsigned char, 16> bytes{};
  bool operator==(const Reading&) const = default;
};

Reading ours(int family, const std::string& text) {
  Reading reading;
  const auto read = family == AF_INET ? read_ipv4 : read_ipv6;
  reading.sound = read(text, reading.bytes.data());
  return reading;
}

Reading libcs(int family, const std::string& text) {
  Reading reading;
  reading.sound = inet_pton(family, text.c_str(), reading.bytes.data()) == 1;
  if (!reading.sound) reading.bytes = {};
  return reading;
}

constexpr const char* kTexts[] = {
    "",
    "0.0.0.0",
    "127.0.0.1",
    "255.255.255.255",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "01.2.3.4",
    "1.2.3.04",
    "1.2.3.4 ",
    "1.2.3.0x4",
    "1234.2.3.4",
    "::",
    ":",
    ":::",
    "::1",
    "1::",
    "1::2",
    "1::2::3",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "2001:DB8::fF",
    "12345::",
    "::12345",
    "00001::",
    ":1",
    "1:",
    "::g",
    "1:2:3:4:5:6:7:",
    "fe80::1%lo",
    "::1.2.3",
    "1::1.2.3.4",
    "::1.2.3.256",
    "[::1]",
};

TEST(AddressText, IsReadAsInetPtonReadsIt) {
  for (const char* text : kTexts) {
    EXPECT_EQ(ours(AF_INET, text), libcs(AF_INET, text)) << text;
    EXPECT_EQ(ours(AF_INET6, text), libcs(AF_INET6, text)) << text;
  }
}

// Sound ones with a few characters changed, left out or put in.
TEST(AddressText, IsReadAsInetPtonReadsItHoweverItIsMisspelt) {
  std::mt19937 random(20261130);  // NOLINT: the same in every run
  constexpr std::string_view kAlphabet = "0123456789abfF:.:. g";
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  int sound = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = kTexts[below(std::size(kTexts))];
    for (std::size_t changes = below(4); changes > 0; --changes) {
      const std::size_t at = below(text.size() + 1);
      if (below(2) == 0) {
        text.insert(at, 1, kAlphabet[below(kAlphabet.size())]);
      } else if (at < text.size()) {
        text.erase(at, 1);
      }
    }
    for (const int family : {AF_INET, AF_INET6}) {
      const Reading expected = libcs(family, text);
      sound += expected.sound ? 1 : 0;
      ASSERT_EQ(ours(family, text), expected) << text;
    }
  }
  EXPECT_GT(sound, 10'000);
}

template <typename Write>
std::string written(const Write& write, const unsigned char* bytes) {
  TextOf<64> out;
  write(bytes, out);
  return std::string(out.view());
}

std::string libcs_text(int family, const unsigned char* bytes) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, bytes, text, sizeof text);
}

// Every way in which groups can be zero, beside groups of each length.
TEST(AddressText, IsWrittenAsInetNtopWritesIt) {
  constexpr unsigned kGroups[] = {0x1, 0xab, 0x20f, 0xffff};
  for (unsigned zeros = 0; zeros < 256; ++zeros) {
    unsigned char bytes[16] = {};
    for (unsigned i = 0; i < 8; ++i) {
      const unsigned group = (zeros >> i & 1) != 0 ? 0 : kGroups[(i + zeros) % 4];
      bytes[2 * i] = static_cast<unsigned char>(group >> 8);
      bytes[2 * i + 1] = static_cast<unsigned char>(group & 0xff);
    }
    EXPECT_EQ(written(write_ipv4, bytes), libcs_text(AF_INET, bytes));
    // It takes ::1.2.3.4 for an address of IPv4.
    const std::string expected = libcs_text(AF_INET6, bytes);
    if (expected.find('.') != std::string::npos) continue;
    EXPECT_EQ(written(write_ipv6, bytes), expected);
  }
  const unsigned char compatible[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
  EXPECT_EQ(written(write_ipv6, compatible), "::102:304");
}

}  // namespace
}  // namespace sockopt::test
