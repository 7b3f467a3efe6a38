// SPDX-License-Identifier: MIT
//
// Numbers are read whole or not at all, and what is wrong with them is told apart.
#include "shim/options/number.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace sockopt::test {
namespace {

using enum NumberProblem;

struct Case {
  std::string_view text;
  NumberProblem problem;
  std::int64_t number = 0;
  std::string_view rest = {};
};

void expect(const NumberText& read, const Case& expected) {
  EXPECT_EQ(read.problem, expected.problem) << expected.text;
  if (expected.problem == kNone) {
    EXPECT_EQ(read.number, expected.number) << expected.text;
  }
  EXPECT_EQ(read.rest, expected.rest) << expected.text;
}

constexpr Case kIntegers[] = {
    {"0", kNone, 0},
    {"60", kNone, 60},
    {"007", kNone, 7},  // decimal, not octal
    {"010", kNone, 10},
    {"-5", kNone, -5},
    {"-0", kNone, 0},
    {"0x10", kNone, 16},
    {"0XfF", kNone, 255},
    {"-0x10", kNone, -16},
    {"9223372036854775807", kNone, INT64_MAX},
    {"0x7fffffffffffffff", kNone, INT64_MAX},
    {"9223372036854775808", kOverflow},
    {"99999999999999999999999999", kOverflow},
    {"0xffffffffffffffff", kOverflow},
    {"", kNotANumber},
    {"-", kNotANumber},
    {"--5", kNotANumber},
    {"+5", kNotANumber},
    {"x", kNotANumber},
    {"0xg", kNotANumber},
    {" 5", kNotANumber},
    {"yes", kNotANumber},
    {"0x", kTrailing, 0, "x"},
    {"60;", kTrailing, 0, ";"},
    {"60 ", kTrailing, 0, " "},
    {"1_000", kTrailing, 0, "_000"},
    {"1,000", kTrailing, 0, ",000"},
    {"1.5", kTrailing, 0, ".5"},
    {"1e3", kTrailing, 0, "e3"},
    {"12a", kTrailing, 0, "a"},
    {"60s", kTrailing, 0, "s"},
};

TEST(ReadInteger, ReadsAllOfItOrSaysWhy) {
  for (const Case& expected : kIntegers) expect(read_integer(expected.text), expected);
}

TEST(ReadInteger, ANulIsNotTheEnd) {
  const std::string text("60\0", 3);
  expect(read_integer(text), {text, kTrailing, 0, std::string_view("\0", 1)});
}

constexpr Case kSizes[] = {
    {"4096", kNone, 4096},
    {"0x1000", kNone, 4096},
    {"256K", kNone, 256 << 10},
    {"256k", kNone, 256 << 10},
    {"1M", kNone, 1 << 20},
    {"2G", kNone, std::int64_t{2} << 30},
    {"0x10K", kNone, 16 << 10},
    {"-1K", kNone, -1024},
    {"8589934591G", kNone, std::int64_t{8589934591} << 30},
    {"8589934592G", kOverflow},
    {"9223372036854775807K", kOverflow},
    {"K", kNotANumber},
    {"1KB", kTrailing, 0, "KB"},
    {"1KiB", kTrailing, 0, "KiB"},
    {"1T", kTrailing, 0, "T"},
    {"1 K", kTrailing, 0, " K"},
    {"1s", kTrailing, 0, "s"},
    {"1.5M", kTrailing, 0, ".5M"},
};

TEST(ReadSize, KnowsPowersOf1024) {
  for (const Case& expected : kSizes) expect(read_size(expected.text), expected);
}

constexpr Case kSeconds[] = {
    {"60", kNone, 60},
    {"60s", kNone, 60},
    {"60S", kNone, 60},
    {"5m", kNone, 300},
    {"2h", kNone, 7200},
    {"5000ms", kNone, 5},
    {"3000000us", kNone, 3},
    {"0x10s", kNone, 16},
    {"-5s", kNone, -5},
    {"0ms", kNone, 0},
    {"500ms", kNotWhole},
    {"1us", kNotWhole},
    {"60;", kTrailing, 0, ";"},
    {"60 s", kTrailing, 0, " s"},
    {"60sec", kTrailing, 0, "sec"},
    {"1d", kTrailing, 0, "d"},
    {"1m30s", kTrailing, 0, "m30s"},
    {"60K", kTrailing, 0, "K"},
    {"s", kNotANumber},
    {"9223372036854s", kNone, 9223372036854},
    {"9223372036855s", kOverflow},
    {"2562047789h", kOverflow},
};

TEST(ReadDuration, InSecondsABareNumberIsEnough) {
  for (const Case& expected : kSeconds) {
    expect(read_duration(expected.text, Unit::kSeconds), expected);
  }
}

constexpr Case kMilliseconds[] = {
    {"30", kNeedsUnit},   {"0", kNeedsUnit},         {"0x10", kNeedsUnit},  {"-1", kNeedsUnit},
    {"30ms", kNone, 30},  {"30s", kNone, 30000},     {"2m", kNone, 120000}, {"1h", kNone, 3600000},
    {"5000us", kNone, 5}, {"1500us", kNotWhole},     {"0s", kNone, 0},      {"-1ms", kNone, -1},
    {"30MS", kNone, 30},  {"30;", kTrailing, 0, ";"}};

TEST(ReadDuration, InMillisecondsItNeedsAUnit) {
  for (const Case& expected : kMilliseconds) {
    expect(read_duration(expected.text, Unit::kMilliseconds), expected);
  }
}

constexpr Case kMicroseconds[] = {{"50", kNeedsUnit},      {"50us", kNone, 50},
                                  {"40ms", kNone, 40000},  {"1s", kNone, 1000000},
                                  {"1m", kNone, 60000000}, {"1ns", kTrailing, 0, "ns"}};

TEST(ReadDuration, InMicrosecondsItNeedsAUnit) {
  for (const Case& expected : kMicroseconds) {
    expect(read_duration(expected.text, Unit::kMicroseconds), expected);
  }
}

}  // namespace
}  // namespace sockopt::test
