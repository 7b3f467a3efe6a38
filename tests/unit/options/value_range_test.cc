// SPDX-License-Identifier: MIT
//
// Every row of the table at the edges of its range: what lies outside is refused with an error
// that names the range, never cut, wrapped or taken for something else.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "shim/options/lookup.h"
#include "shim/options/table.h"
#include "tests/unit/options/values.h"

namespace sockopt::test {
namespace {

// How a number is written for the row in the kernel's own unit.
std::string written(const Option& option, std::int64_t number) {
  std::string text = std::to_string(number);
  if (option.kind == Kind::kDuration || option.kind == Kind::kLinger ||
      option.kind == Kind::kTimeval) {
    text += unit_suffix(option.unit);
  }
  return text;
}

bool has_bounds(const Option& option) {
  return option.kind != Kind::kBoolean && option.kind != Kind::kName && option.kind != Kind::kPorts;
}

std::vector<Option> bounded_options() {
  std::vector<Option> options;
  for (const Row& row : kRows) {
    if (has_bounds(row.option)) options.push_back(row.option);
  }
  options.push_back(raw_option());
  return options;
}

// The number of the value; of `linger`, its seconds.
std::int64_t number(const Option& option, const Value& value) {
  if (option.kind != Kind::kLinger) return value.number(option.kind);
  struct linger linger = {};
  std::memcpy(&linger, value.bytes, sizeof linger);
  EXPECT_EQ(linger.l_onoff, 1);
  return linger.l_linger;
}

void expect_refused(const Option& option, const std::string& text) {
  const Parsed parsed = parse(option, text);
  EXPECT_FALSE(parsed.value) << option.key.view() << " = " << text;
  EXPECT_NE(parsed.error.find(range_of(option)), std::string::npos)
      << option.key.view() << " = " << text << ": " << parsed.error << " should name "
      << range_of(option);
}

TEST(ValueRange, ItsEndsAreAccepted) {
  for (const Option& option : bounded_options()) {
    std::vector<std::int64_t> inside = {option.min, option.max, option.min + 1, option.max - 1};
    for (const std::int64_t expected : inside) {
      const std::string text = written(option, expected);
      const Parsed parsed = parse(option, text);
      ASSERT_TRUE(parsed.value) << option.key.view() << " = " << text << ": " << parsed.error;
      EXPECT_TRUE(parsed.error.empty()) << option.key.view() << ": " << parsed.error;
      const std::int64_t got = number(option, *parsed.value);
      // A raw option is an int or 32 bits: both read back as the int that the kernel sees.
      EXPECT_EQ(option.kind == Kind::kRaw ? static_cast<std::int32_t>(expected) : expected, got)
          << option.key.view() << " = " << text;
    }
  }
}

TEST(ValueRange, WhatIsBelowIsRefused) {
  for (const Option& option : bounded_options()) {
    expect_refused(option, written(option, option.min - 1));
    if (option.min >= 0) expect_refused(option, written(option, -1));
    if (option.min > 0) expect_refused(option, written(option, 0));
  }
}

TEST(ValueRange, WhatIsAboveIsRefused) {
  for (const Option& option : bounded_options()) {
    if (option.max == INT64_MAX) continue;  // the next number is the overflow below
    expect_refused(option, written(option, option.max + 1));
  }
}

TEST(ValueRange, WhatWrapsAroundIsRefused) {
  for (const Option& option : bounded_options()) {
    const std::string suffix = written(option, 0).substr(1);
    if (option.max < INT64_MAX) expect_refused(option, "4294967297" + suffix);
    expect_refused(option, "9223372036854775808" + suffix);
    expect_refused(option, "18446744073709551617" + suffix);
    expect_refused(option, "340282366920938463463374607431768211457" + suffix);
    expect_refused(option, "-9223372036854775809" + suffix);
  }
}

TEST(ValueRange, OfPortsIsTwoOfThemInOrder) {
  const Option& option = option_of("local_port_range");
  for (const auto* text : {"1-65535", "1-1", "65535-65535", "32768-60999", "0x8000-0xffff"}) {
    EXPECT_TRUE(parse(option, text).value) << text;
  }
  for (const auto* text : {"0-5", "1-65536", "5-4", "5", "-5", "5-", "-", "5--6", "5-6-7", "5 - 6",
                           "5-6;", "4294967297-5", "a-b"}) {
    expect_refused(option, text);
  }
}

TEST(ValueRange, NoValueIsNoNumber) {
  for (const Row& row : kRows) {
    const Parsed parsed = parse(row.option, "");
    EXPECT_FALSE(parsed.value) << row.option.key.view();
    EXPECT_EQ(parsed.error, "needs a value; takes " + range_of(row.option));
  }
}

TEST(ValueRange, TrailingRubbishIsRefused) {
  for (const Row& row : kRows) {
    const std::string_view rubbish[] = {";", " ;", " x", "\t", "\x01", "=", ",", "/", "#5", " 1"};
    for (const std::string_view rest : rubbish) {
      const std::string text = std::string(row.manual.example) + std::string(rest);
      EXPECT_FALSE(parse(row.option, text).value) << row.option.key.view() << " = " << text;
      EXPECT_FALSE(error_of(row.option, text).empty()) << row.option.key.view() << " = " << text;
    }
  }
}

TEST(ValueRange, TrailingRubbishOfNumbersIsQuoted) {
  for (const Option& option : bounded_options()) {
    const std::string text = written(option, option.max) + ";";
    const std::string error = error_of(option, text);
    EXPECT_NE(error.find("` after the number; takes " + range_of(option)), std::string::npos)
        << option.key.view() << " = " << text << ": " << error;
    EXPECT_NE(error.find(';'), std::string::npos) << error;
  }
}

TEST(ValueRange, LeadingRubbishIsRefused) {
  for (const Row& row : kRows) {
    for (const std::string_view before : {" ", "=", "\"", "\n"}) {
      const std::string text = std::string(before) + std::string(row.manual.example);
      EXPECT_FALSE(parse(row.option, text).value) << row.option.key.view() << " = " << text;
    }
  }
}

TEST(ValueRange, WordsOfOtherKindsAreRefused) {
  for (const Row& row : kRows) {
    const Kind kind = row.option.kind;
    if (kind == Kind::kName) continue;
    for (const std::string_view word : {"abc", "default", "enabled", "none", "-", "0x", "nan"}) {
      EXPECT_FALSE(parse(row.option, word).value) << row.option.key.view() << " = " << word;
    }
    for (const std::string_view word : {"on", "yes", "true"}) {
      EXPECT_EQ(parse(row.option, word).value.has_value(), kind == Kind::kBoolean)
          << row.option.key.view() << " = " << word;
    }
    EXPECT_EQ(parse(row.option, "max").value.has_value(), kind == Kind::kBacklog)
        << row.option.key.view();
  }
}

TEST(ValueRange, ARefusedTextLeavesTheValueAlone) {
  for (const Row& row : kRows) {
    Value value = value_of_int(42);
    TextOf<400> error;
    ASSERT_FALSE(parse_value(row.option, "no value \x02", value, error)) << row.option.key.view();
    EXPECT_EQ(value, value_of_int(42)) << row.option.key.view();
  }
}

TEST(ValueRange, ErrorsEscapeWhatTheyQuote) {
  for (const Option& option : bounded_options()) {
    const std::string error = error_of(option, written(option, option.max) + "\x1b[2J`\n");
    for (const char c : error) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << error;
  }
}

}  // namespace
}  // namespace sockopt::test
