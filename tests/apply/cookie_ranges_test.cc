// SPDX-License-Identifier: MIT
//
// Sockets by number: what is written is what was meant, however many there are.
#include "tools/sockopt/live/cookie_ranges.h"

#include <gtest/gtest.h>

#include <numeric>

namespace sockopt::test {
namespace {

TEST(CookieRanges, NeighboursAreOneRange) {
  const CookieRanges ranges({0x1003, 0x1001, 0x1002, 0x1002, 0xb001, 0x1005});
  EXPECT_EQ(ranges.texts(), std::vector<std::string>{"1001-1003,1005,b001"});
}

TEST(CookieRanges, HoldWhatWasGivenAndNothingElse) {
  const CookieRanges ranges({1, 2, 3, 7});
  for (const std::uint64_t cookie : {1, 2, 3, 7}) EXPECT_TRUE(ranges.contain(cookie)) << cookie;
  for (const std::uint64_t cookie : {0, 4, 6, 8}) EXPECT_FALSE(ranges.contain(cookie)) << cookie;
  EXPECT_FALSE(CookieRanges().contain(1));
}

TEST(CookieRanges, AreReadAsTheyAreWritten) {
  const CookieRanges ranges({0xffffffffffffffff, 0x10, 0x11, 0xa0});
  const auto again = CookieRanges::parse(ranges.texts().at(0));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->texts(), ranges.texts());
}

TEST(CookieRanges, GivenByHandTheyMayOverlap) {
  const auto ranges = CookieRanges::parse("10-40,20-25,10-12,38-41");
  ASSERT_TRUE(ranges);
  for (const std::uint64_t cookie : {0x10, 0x26, 0x40, 0x41}) {
    EXPECT_TRUE(ranges->contain(cookie)) << std::hex << cookie;
  }
  EXPECT_FALSE(ranges->contain(0x42));
}

TEST(CookieRanges, WhatIsNone) {
  for (const char* text :
       {"", ",", "1,", "x", "1-", "-1", "2-1", "0", "1 2", "1003 ", "0x10", "10000000000000000"}) {
    EXPECT_FALSE(CookieRanges::parse(text)) << text;
  }
}

TEST(CookieRanges, SeveralTextsWhereOneWouldBeTooLong) {
  std::vector<std::uint64_t> odd(5000);
  std::iota(odd.begin(), odd.end(), std::uint64_t{1});
  for (std::uint64_t& cookie : odd) cookie = 2 * cookie + 1;
  const auto texts = CookieRanges(odd).texts();
  ASSERT_EQ(texts.size(), 3u);
  std::size_t found = 0;
  for (const std::string& text : texts) {
    EXPECT_LT(text.size(), 128u * 1024);
    const auto ranges = CookieRanges::parse(text).value();
    for (const std::uint64_t cookie : odd) found += ranges.contain(cookie);
  }
  EXPECT_EQ(found, odd.size());
}

}  // namespace
}  // namespace sockopt::test
