// SPDX-License-Identifier: MIT
//
// How values are written, kind by kind: each spelling that is accepted, and its neighbours that
// are not.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "shim/options/table.h"
#include "tests/unit/options/values.h"

namespace sockopt::test {
namespace {

std::vector<Option> options_of(Kind kind) {
  std::vector<Option> options;
  for (const Row& row : kRows) {
    if (row.option.kind == kind) options.push_back(row.option);
  }
  EXPECT_FALSE(options.empty());
  return options;
}

TEST(Boolean, HasEightSpellings) {
  for (const Option& option : options_of(Kind::kBoolean)) {
    for (const auto* text : {"on", "yes", "true", "1", "ON", "Yes", "tRUE"}) {
      EXPECT_EQ(number_of(option, text), 1) << option.key.view() << ' ' << text;
    }
    for (const auto* text : {"off", "no", "false", "0", "Off", "NO"}) {
      EXPECT_EQ(number_of(option, text), 0) << option.key.view() << ' ' << text;
    }
    for (const auto* text : {"2", "-1", "00", "01", "0x1", "y", "n", "o", "onn", "enable", "on;"}) {
      EXPECT_EQ(error_of(option, text), "takes on|off") << option.key.view() << ' ' << text;
    }
  }
}

TEST(Duration, ABareNumberOnlyWhereTheKernelCountsSeconds) {
  for (const Option& option : options_of(Kind::kDuration)) {
    const std::string text = std::to_string(option.max);
    if (option.unit == Unit::kSeconds) {
      EXPECT_EQ(number_of(option, text), option.max) << option.key.view();
    } else {
      EXPECT_EQ(error_of(option, text),
                "needs a unit: " + text + "s or " + text + std::string(unit_suffix(option.unit)))
          << option.key.view();
    }
  }
}

TEST(Duration, IsKeptInTheKernelsUnit) {
  EXPECT_EQ(number_of(option_of("keepidle"), "5m"), 300);
  EXPECT_EQ(number_of(option_of("keepidle"), "9h"), 32400);
  EXPECT_EQ(number_of(option_of("keepidle"), "60000ms"), 60);
  EXPECT_EQ(number_of(option_of("user_timeout"), "110s"), 110000);
  EXPECT_EQ(number_of(option_of("user_timeout"), "0ms"), 0);
  EXPECT_EQ(number_of(option_of("busy_poll"), "1ms"), 1000);
  EXPECT_EQ(number_of(option_of("rto_max_ms"), "2m"), 120000);
  EXPECT_EQ(number_of(option_of("delack_max_us"), "200ms"), 200000);
}

TEST(Duration, WhatIsNotWholeIsNotRounded) {
  EXPECT_EQ(error_of(option_of("keepidle"), "1500ms"), "`1500ms` is not a whole number of seconds");
  EXPECT_EQ(error_of(option_of("user_timeout"), "1500us"),
            "`1500us` is not a whole number of milliseconds");
}

TEST(Duration, ItsRangeIsNamedInTheKernelsUnit) {
  EXPECT_EQ(error_of(option_of("keepidle"), "0"), "takes 1s..32767s");
  EXPECT_EQ(error_of(option_of("keepidle"), "10h"), "takes 1s..32767s");
  EXPECT_EQ(error_of(option_of("rto_max_ms"), "1ms"), "takes 1000ms..120000ms");
  EXPECT_EQ(error_of(option_of("busy_poll"), "-1us"), "takes 0us..2147483647us");
  EXPECT_EQ(error_of(option_of("keepidle"), "60;"),
            "unexpected `;` after the number; takes 1s..32767s");
}

TEST(Size, KnowsPowersOf1024) {
  for (const auto* key : {"rcvbuf", "sndbuf", "notsent_lowat", "window_clamp"}) {
    EXPECT_EQ(number_of(option_of(key), "256K"), 262144) << key;
    EXPECT_EQ(number_of(option_of(key), "1m"), 1048576) << key;
    EXPECT_FALSE(number_of(option_of(key), "2G")) << key << ": one more than an int";
    EXPECT_FALSE(number_of(option_of(key), "1KB")) << key;
    EXPECT_FALSE(number_of(option_of(key), "-1K")) << key;
  }
  EXPECT_EQ(error_of(option_of("rcvbuf"), "0"), "takes 1..1073741823 bytes");
}

TEST(Rate, IsAnUnsignedLong) {
  const Option& option = option_of("max_pacing_rate");
  const bool is_wide = sizeof(unsigned long) == 8;
  const Parsed parsed = parse(option, is_wide ? "10G" : "3G");
  ASSERT_TRUE(parsed.value);
  EXPECT_EQ(parsed.value->length(), sizeof(unsigned long));
  EXPECT_EQ(parsed.value->number(option.kind), std::int64_t{is_wide ? 10 : 3} << 30);
  EXPECT_EQ(error_of(option, "-1"), is_wide ? "takes 1..9223372036854775807 bytes per second"
                                            : "takes 1..4294967294 bytes per second");
}

TEST(Count, MayBeHexadecimal) {
  EXPECT_EQ(number_of(option_of("keepcnt"), "0x7f"), 127);
  EXPECT_EQ(number_of(option_of("ttl"), "0xFF"), 255);
  EXPECT_FALSE(number_of(option_of("ttl"), "0x100"));
  EXPECT_EQ(error_of(option_of("keepcnt"), "5s"), "unexpected `s` after the number; takes 1..127");
}

TEST(Mask, Has32Bits) {
  const Option& option = option_of("mark");
  EXPECT_EQ(number_of(option, "0xffffffff"), 0xffffffff);
  EXPECT_EQ(number_of(option, "4294967295"), 0xffffffff);
  EXPECT_EQ(parse(option, "0xffffffff").value->length(), sizeof(int));
  EXPECT_EQ(error_of(option, "0x100000000"), "takes 0x0..0xffffffff");
  EXPECT_EQ(error_of(option, "-1"), "takes 0x0..0xffffffff");
}

TEST(Tos, KnowsTheNamesOfItsClasses) {
  const Option& option = option_of("tos");
  EXPECT_EQ(number_of(option, "ef"), 46 << 2);
  EXPECT_EQ(number_of(option, "EF"), 46 << 2);
  EXPECT_EQ(number_of(option, "va"), 44 << 2);
  EXPECT_EQ(number_of(option, "le"), 1 << 2);
  for (int number = 0; number < 8; ++number) {
    EXPECT_EQ(number_of(option, "cs" + std::to_string(number)), number << 5);
  }
  for (int number = 1; number <= 4; ++number) {
    for (int drop = 1; drop <= 3; ++drop) {
      const std::string name = "af" + std::to_string(number) + std::to_string(drop);
      EXPECT_EQ(number_of(option, name), (8 * number + 2 * drop) << 2) << name;
    }
  }
  for (const auto* name : {"cs8", "af14", "af51", "af", "cs", "lowdelay", "ef2"}) {
    EXPECT_EQ(error_of(option, name), "takes 0..255 or a DSCP name (ef, af21, cs1)") << name;
  }
  EXPECT_EQ(number_of(option, "0xb8"), 184);
  EXPECT_FALSE(number_of(option, "256"));
}

TEST(MtuDiscover, HasNamesAndTheirNumbers) {
  const Option& option = option_of("mtu_discover");
  const std::string_view names[] = {"dont", "want", "do", "probe", "interface", "omit"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    EXPECT_EQ(number_of(option, names[i]), static_cast<int>(i));
    EXPECT_EQ(number_of(option, std::to_string(i)), static_cast<int>(i));
  }
  for (const auto* text : {"6", "-1", "yes", "don't"}) {
    EXPECT_EQ(error_of(option, text), "takes dont|want|do|probe|interface|omit") << text;
  }
}

TEST(Linger, IsOffResetOrSeconds) {
  const auto linger_of = [](std::string_view text) {
    const Parsed parsed = parse(option_of("linger"), text);
    struct linger linger = {-1, -1};
    if (parsed.value && parsed.value->length() == sizeof linger) {
      std::memcpy(&linger, parsed.value->data(), sizeof linger);
    }
    return std::pair(linger.l_onoff, linger.l_linger);
  };
  EXPECT_EQ(linger_of("off"), std::pair(0, 0));
  EXPECT_EQ(linger_of("Reset"), std::pair(1, 0));
  EXPECT_EQ(linger_of("5s"), std::pair(1, 5));
  EXPECT_EQ(linger_of("5"), std::pair(1, 5));
  EXPECT_EQ(linger_of("2m"), std::pair(1, 120));
  for (const auto* text : {"0", "0s", "on", "yes", "-1s"}) {
    EXPECT_EQ(error_of(option_of("linger"), text), "takes off|reset|1s..2147483647s") << text;
  }
}

TEST(Name, HasAtMost15Characters) {
  for (const Option& option : options_of(Kind::kName)) {
    for (const std::string_view text : {"bbr", "eth0", "br-lan.100", "wlan0:1", "x",
                                        "123456789012345", "a_b", "veth@if5", "c+"}) {
      const Parsed parsed = parse(option, text);
      ASSERT_TRUE(parsed.value) << option.key.view() << ' ' << text << parsed.error;
      EXPECT_EQ(parsed.value->length(), text.size());
      EXPECT_EQ(std::memcmp(parsed.value->data(), text.data(), text.size()), 0);
    }
    for (const auto* text : {"1234567890123456", "eth 0", "eth0;", "../x", "eth0\n", "caf\xc3\xa9",
                             "a=b", "\"bbr\""}) {
      EXPECT_EQ(error_of(option, text), "takes a name of at most 15 characters")
          << option.key.view() << ' ' << text;
    }
  }
}

TEST(Backlog, MayBeAsLongAsTheKernelAllows) {
  const Option& option = option_of("backlog");
  EXPECT_EQ(number_of(option, "max"), kIntMax);
  EXPECT_EQ(number_of(option, "MAX"), kIntMax);
  EXPECT_EQ(number_of(option, "0"), 0);
  EXPECT_EQ(number_of(option, "0x1000"), 4096);
  EXPECT_EQ(error_of(option, "-1"), "takes 0..2147483647 or max");
  EXPECT_EQ(error_of(option, "maximum"), "takes 0..2147483647 or max");
  EXPECT_EQ(error_of(option, "4K"), "unexpected `K` after the number; takes 0..2147483647 or max");
}

TEST(Raw, IsAnIntOrBytes) {
  const Option option = raw_option();
  EXPECT_EQ(number_of(option, "30000"), 30000);
  EXPECT_EQ(number_of(option, "-1"), -1);
  EXPECT_EQ(number_of(option, "0xffffffff"), -1);
  const Parsed bytes = parse(option, "hex:00fF10");
  ASSERT_TRUE(bytes.value);
  EXPECT_EQ(*bytes.value, value_of_bytes("\x00\xff\x10", 3));
  const Parsed longest = parse(option, "hex:" + std::string(2 * Value::kMaxBytes, 'a'));
  ASSERT_TRUE(longest.value);
  EXPECT_EQ(longest.value->length(), Value::kMaxBytes);
}

TEST(Raw, RefusesHalfBytesAndTooMany) {
  const Option option = raw_option();
  const std::string range = "takes -2147483648..4294967295 or hex:BYTES (at most 64 bytes)";
  for (const std::string& text :
       {std::string("hex:"), std::string("hex:0"), std::string("hex:012"), std::string("hex:0g"),
        std::string("hex:0x01"), std::string("hex:01 02"), std::string("hex:01;"),
        "hex:" + std::string(2 * Value::kMaxBytes + 2, 'a'), std::string("4294967296"),
        std::string("-2147483649"), std::string("text")}) {
    EXPECT_EQ(error_of(option, text), range) << text;
  }
}

TEST(Default, IsNoValueButAWord) {
  EXPECT_TRUE(means_default("default"));
  EXPECT_TRUE(means_default("Default"));
  EXPECT_FALSE(means_default("defaults"));
  EXPECT_FALSE(means_default(""));
}

}  // namespace
}  // namespace sockopt::test
