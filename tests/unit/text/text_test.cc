// SPDX-License-Identifier: MIT
//
// Lines are built in a fixed buffer inside somebody else's program: nothing may be written behind
// its end, and nothing from outside may reach a terminal as it is.
#include "shim/text/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace sockopt::test {
namespace {

std::string decimal(std::int64_t number) {
  TextOf<32> text;
  text.decimal(number);
  return std::string(text.view());
}

std::string hex(std::uint64_t number, int min_digits = 1) {
  TextOf<64> text;
  text.hex(number, min_digits);
  return std::string(text.view());
}

std::string escaped(std::string_view outside, std::size_t limit = 200) {
  TextOf<2000> text;
  text.escaped(outside, limit);
  EXPECT_FALSE(text.was_cut());
  return std::string(text.view());
}

TEST(Text, JoinsItsParts) {
  TextOf<64> text;
  EXPECT_TRUE(text.empty());
  (text << "keepidle" << ' ' << std::string_view("= ")).decimal(60) << 's';
  EXPECT_EQ(text.view(), "keepidle = 60s");
  EXPECT_FALSE(text.was_cut());
}

TEST(Text, FillsItsBufferToTheLastByte) {
  TextOf<8> text;
  text << "12345678";
  EXPECT_EQ(text.view(), "12345678");
  EXPECT_FALSE(text.was_cut());
}

TEST(Text, CutsAndWritesNothingBehindTheEnd) {
  char buffer[8];
  std::fill(std::begin(buffer), std::end(buffer), '#');
  Text text(buffer, 5);
  text << "123"
       << "456";
  EXPECT_EQ(text.view(), "12345");
  EXPECT_TRUE(text.was_cut());
  text << "more";
  text.decimal(1).hex(2).quoted("3").escaped("4");
  EXPECT_EQ(text.view(), "12345");
  EXPECT_EQ(std::string_view(buffer + 5, 3), "###");
}

TEST(Text, HoldsNothingInABufferOfNoBytes) {
  Text text(nullptr, 0);
  text << "" << std::string_view();
  EXPECT_FALSE(text.was_cut());
  text << 'a';
  EXPECT_TRUE(text.was_cut());
  EXPECT_TRUE(text.empty());
}

TEST(Text, BeginsAnewWhenCleared) {
  TextOf<2> text;
  text << "abc";
  text.clear();
  EXPECT_TRUE(text.empty());
  EXPECT_FALSE(text.was_cut());
  text << "x";
  EXPECT_EQ(text.view(), "x");
}

TEST(Text, WritesEveryNumberInDecimal) {
  EXPECT_EQ(decimal(0), "0");
  EXPECT_EQ(decimal(-1), "-1");
  EXPECT_EQ(decimal(10), "10");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  TextOf<32> text;
  text.unsigned_decimal(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(text.view(), "18446744073709551615");
}

TEST(Text, WritesHexadecimalWithAsManyDigitsAsAskedFor) {
  EXPECT_EQ(hex(0), "0");
  EXPECT_EQ(hex(0xabc), "abc");
  EXPECT_EQ(hex(0xb, 2), "0b");
  EXPECT_EQ(hex(0xabc, 2), "abc");
  EXPECT_EQ(hex(std::numeric_limits<std::uint64_t>::max()), "ffffffffffffffff");
  EXPECT_EQ(hex(1, 16), "0000000000000001");
  EXPECT_EQ(hex(1, 99), "0000000000000001") << "no more digits than a number has";
}

TEST(Text, EscapesWhatCouldSteerATerminalOrForgeALine) {
  EXPECT_EQ(escaped("eth0 = ok"), "eth0 = ok");
  EXPECT_EQ(escaped("a\nb\r\tc"), "a\\x0ab\\x0d\\x09c");
  EXPECT_EQ(escaped("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(escaped(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(escaped("caf\xc3\xa9"), "caf\\xc3\\xa9");
  EXPECT_EQ(escaped("`rm`"), "\\x60rm\\x60");
  EXPECT_EQ(escaped("\\x41"), "\\x5cx41") << "a backslash of theirs is none of ours";
}

TEST(Text, EveryByteEscapedIsPlainAscii) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const std::string text = escaped({&c, 1});
    for (const char shown : text) {
      EXPECT_GE(shown, 0x20) << byte;
      EXPECT_LT(shown, 0x7f) << byte;
      EXPECT_NE(shown, '`') << byte;
    }
    EXPECT_TRUE(text.size() == 1 || text.size() == 4) << byte;
  }
}

TEST(Text, CutsWhatComesFromOutsideAtTheLimit) {
  EXPECT_EQ(escaped("12345", 5), "12345");
  EXPECT_EQ(escaped("123456", 5), "12345...");
  EXPECT_EQ(escaped("\n\n\n", 8), "\\x0a\\x0a...");
  EXPECT_EQ(escaped("\n\n\n", 11), "\\x0a\\x0a...") << "no part of one";
  EXPECT_EQ(escaped("\n\n\n", 12), "\\x0a\\x0a\\x0a");
  EXPECT_EQ(escaped("ab\ncd", 4), "ab...");
  EXPECT_EQ(escaped("", 0), "");
}

TEST(Text, Quotes) {
  TextOf<100> text;
  text.quoted("ke`y");
  EXPECT_EQ(text.view(), "`ke\\x60y`");
  text.clear();
  text.quoted(std::string(61, 'x'));
  EXPECT_EQ(text.view(), "`" + std::string(60, 'x') + "...`");
}

TEST(Slice, ClampsInsteadOfThrowing) {
  constexpr std::string_view kSliced = "abcdef";
  EXPECT_EQ(slice(kSliced, 2), "cdef");
  EXPECT_EQ(slice(kSliced, 2, 3), "cde");
  EXPECT_EQ(slice(kSliced, 2, 99), "cdef");
  EXPECT_EQ(slice(kSliced, 6), "");
  EXPECT_EQ(slice(kSliced, 7), "");
  EXPECT_EQ(slice(kSliced, std::string_view::npos, std::string_view::npos), "");
  EXPECT_EQ(slice({}, 0), "");
}

TEST(Trim, TakesWhiteSpaceOfBothEnds) {
  EXPECT_EQ(trim("  a b\t"), "a b");
  EXPECT_EQ(trim(" \t\n\v\f\r"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim(std::string_view("\0a", 2)).size(), 2U) << "NUL is no white space";
}

TEST(EqualsIgnoringCase, IsAboutAsciiLettersOnly) {
  EXPECT_TRUE(equals_ignoring_case("oN", "On"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("on", "one"));
  EXPECT_FALSE(equals_ignoring_case("on", "no"));
  EXPECT_FALSE(equals_ignoring_case("[", "{")) << "32 apart, and no letters";
  EXPECT_FALSE(equals_ignoring_case("\xc3\xa9", "\xc3\x89"));
}

TEST(BaseName, IsWhatFollowsTheLastSlash) {
  EXPECT_EQ(base_name("/usr/lib/libsockopt.so"), "libsockopt.so");
  EXPECT_EQ(base_name("libsockopt.so"), "libsockopt.so");
  EXPECT_EQ(base_name("a/"), "");
  EXPECT_EQ(base_name(""), "");
}

}  // namespace
}  // namespace sockopt::test
