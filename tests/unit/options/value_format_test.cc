// SPDX-License-Identifier: MIT
//
// What is written out is what would be read in again: for every row, and for what the kernel
// answers that nobody would write.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "shim/options/table.h"
#include "tests/unit/options/values.h"

namespace sockopt::test {
namespace {

void expect_round_trip(const Option& option, std::string_view text) {
  const Parsed first = parse(option, text);
  ASSERT_TRUE(first.value) << option.key.view() << " = " << text << ": " << first.error;
  const std::string out = formatted(option, *first.value);
  const Parsed second = parse(option, out);
  ASSERT_TRUE(second.value) << option.key.view() << " = " << out << ": " << second.error;
  EXPECT_EQ(*first.value, *second.value) << option.key.view() << ": " << text << " -> " << out;
  EXPECT_EQ(formatted(option, *second.value), out);
}

TEST(FormatValue, EveryExampleComesBack) {
  for (const Row& row : kRows) expect_round_trip(row.option, row.manual.example);
}

TEST(FormatValue, TheEndsOfEveryRangeComeBack) {
  for (const Row& row : kRows) {
    if (row.option.kind == Kind::kName || row.option.kind == Kind::kPorts) continue;
    for (const std::int64_t number : {row.option.min, row.option.max}) {
      const bool timed = unit_suffix(row.option.unit) != "";
      expect_round_trip(row.option, std::to_string(number) +
                                        std::string(timed ? unit_suffix(row.option.unit) : ""));
    }
  }
}

TEST(FormatValue, EveryTosComesBack) {
  for (int number = 0; number < 256; ++number) {
    expect_round_trip(option_of("tos"), std::to_string(number));
  }
}

struct Shown {
  std::string_view key;
  std::string_view text;
  std::string_view shown;
};

constexpr Shown kShown[] = {
    {"keepalive", "1", "on"},
    {"keepalive", "no", "off"},
    {"keepidle", "60", "60s"},
    {"keepidle", "5m", "300s"},
    {"user_timeout", "2m", "120s"},
    {"user_timeout", "1500ms", "1500ms"},
    {"user_timeout", "0ms", "0ms"},
    {"rto_min_us", "5000us", "5ms"},
    {"rto_min_us", "5001us", "5001us"},
    {"busy_poll", "50us", "50us"},
    {"keepcnt", "0x5", "5"},
    {"mark", "16", "0x10"},
    {"rcvbuf", "1048576", "1M"},
    {"rcvbuf", "1536K", "1536K"},
    {"rcvbuf", "4097", "4097"},
    {"notsent_lowat", "0", "0"},
    {"max_pacing_rate", "10M", "10M"},
    {"tos", "0xb8", "ef"},
    {"tos", "0", "cs0"},
    {"tos", "1", "0x01"},
    {"mtu_discover", "3", "probe"},
    {"linger", "OFF", "off"},
    {"linger", "reset", "reset"},
    {"linger", "1m", "60s"},
    {"backlog", "2147483647", "max"},
    {"backlog", "4096", "4096"},
    {"congestion", "bbr", "bbr"},
    {"local_port_range", "32768-60999", "32768-60999"},
    {"local_port_range", "0x400-1024", "1024-1024"},
    {"sndtimeo", "5s", "5s"},
    {"rcvtimeo", "1500ms", "1500ms"},
    {"rcvtimeo", "0s", "0ms"},
};

TEST(FormatValue, HasOneSpellingForEachValue) {
  for (const Shown& expected : kShown) {
    const Option& option = option_of(expected.key);
    const Parsed parsed = parse(option, expected.text);
    ASSERT_TRUE(parsed.value) << expected.key << " = " << expected.text << ": " << parsed.error;
    EXPECT_EQ(formatted(option, *parsed.value), expected.shown) << expected.text;
  }
}

TEST(FormatValue, RawOptionsAreIntsOrBytes) {
  const Option option = raw_option();
  for (const auto* text : {"30000", "-1", "hex:01", "hex:0102030405", "hex:00ff00ff00ff00ff"}) {
    EXPECT_EQ(formatted(option, *parse(option, text).value), text);
    expect_round_trip(option, text);
  }
  EXPECT_EQ(formatted(option, *parse(option, "hex:01000000").value), "1") << "four bytes, an int";
}

TEST(FormatValue, TheKernelsNamesEndAtTheirNul) {
  char answer[16] = "cubic";
  EXPECT_EQ(formatted(option_of("congestion"), value_of_bytes(answer, sizeof answer)), "cubic");
  const Value nothing = value_of_bytes("", 0);
  EXPECT_EQ(formatted(option_of("bindtodevice"), nothing), "");
}

TEST(FormatValue, WhatTheKernelAnswersNeedNotBeInRange) {
  EXPECT_EQ(formatted(option_of("incoming_cpu"), value_of_int(-1)), "-1");
  EXPECT_EQ(formatted(option_of("mtu_discover"), value_of_int(77)), "77");
  EXPECT_EQ(formatted(option_of("notsent_lowat"), value_of_int(-1)), "-1");
  EXPECT_EQ(formatted(option_of("max_pacing_rate"), value_of_int(-1)), "4294967295");
  EXPECT_EQ(formatted(option_of("linger"), value_of_int(1)), "off") << "too short an answer";
  EXPECT_EQ(formatted(option_of("keepalive"), value_of_int(2)), "on");
}

TEST(DescribeRange, IsThereForEveryRowAndFitsInALine) {
  for (const Row& row : kRows) {
    EXPECT_FALSE(range_of(row.option).empty()) << row.option.key.view();
    EXPECT_LT(range_of(row.option).size(), 100U) << row.option.key.view();
  }
}

TEST(Units, HaveNamesAndGroupsTheirTitles) {
  EXPECT_EQ(unit_suffix(Unit::kSeconds), "s");
  EXPECT_EQ(unit_name(Unit::kSeconds), "seconds");
  EXPECT_EQ(unit_name(Unit::kMilliseconds), "milliseconds");
  EXPECT_EQ(unit_name(Unit::kMicroseconds), "microseconds");
  EXPECT_EQ(unit_name(Unit::kBytes), "bytes");
  EXPECT_EQ(unit_suffix(Unit::kBytes), "");
  EXPECT_EQ(unit_name(Unit::kNone), "");
  std::set<std::string_view> titles;
  for (const Row& row : kRows) titles.insert(group_name(row.option.group));
  titles.insert(group_name(Group::kRaw));
  EXPECT_EQ(titles.size(), 8U);
  EXPECT_FALSE(titles.contains(""));
}

TEST(Value, KeepsAtMostItsBytes) {
  const std::string much(Value::kMaxBytes + 10, 'x');
  EXPECT_EQ(value_of_bytes(much.data(), much.size()).length(), Value::kMaxBytes);
  EXPECT_EQ(value_of_int(7), value_of_int(7));
  EXPECT_FALSE(value_of_int(7) == value_of_int(8));
  EXPECT_FALSE(value_of_bytes("a", 1) == value_of_bytes("ab", 2));
  EXPECT_EQ(value_of_bytes("\x05", 1).number(Kind::kBoolean), 5) << "a one-byte answer";
  EXPECT_EQ(value_of_bytes("", 0).number(Kind::kCount), 0);
  EXPECT_EQ(value_of_bytes("\x05", 1).number(Kind::kTimeval), 0) << "too short an answer";
  const KernelTimeval time = {1, 4001};
  EXPECT_EQ(value_of_bytes(&time, sizeof time).number(Kind::kTimeval), 1005);
}

}  // namespace
}  // namespace sockopt::test
