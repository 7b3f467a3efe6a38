// SPDX-License-Identifier: MIT
//
// A policy keeps what was asked for, in order and within its bounds, and knows where it came from.
#include "shim/policy/policy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

#include "shim/options/lookup.h"
#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

TEST(Policy, IsEmptyAtFirst) {
  const auto policy = std::make_unique<Policy>();
  EXPECT_TRUE(policy->empty());
  EXPECT_EQ(policy->begin(), policy->end());
  EXPECT_EQ(policy->option_count(), kOptionCount);
  EXPECT_EQ(policy->log_level(), LogLevel::kWarn);
  EXPECT_EQ(policy->file_count(), 0U);
  EXPECT_EQ(policy->rule_count(), 0U);
}

TEST(Policy, HasTheRowsOfTheTable) {
  const auto policy = std::make_unique<Policy>();
  for (OptionId id = 0; id < kOptionCount; ++id) {
    EXPECT_EQ(policy->option(id).key.view(), kOptions[id].key.view());
    const KernelName name = kOptions[id].ipv4;
    if (name.exists()) {
      EXPECT_EQ(policy->find(name.level, name.name), id);
    }
  }
  EXPECT_EQ(policy->find(IPPROTO_TCP, 200), kNoOption);
}

TEST(Policy, MakesEachRawOptionOnce) {
  const auto policy = std::make_unique<Policy>();
  const OptionId first = policy->add_raw(6, 200);
  const OptionId second = policy->add_raw(1, 200);
  EXPECT_EQ(first, kOptionCount);
  EXPECT_EQ(second, kOptionCount + 1);
  EXPECT_EQ(policy->add_raw(6, 200), first);
  EXPECT_EQ(policy->option_count(), kOptionCount + 2);
  EXPECT_EQ(policy->find(6, 200), first);
  EXPECT_EQ(policy->find(1, 200), second);
  EXPECT_EQ(policy->option(first).key.view(), "raw.6.200");
  EXPECT_EQ(policy->option(second).key.view(), "raw.1.200");
}

TEST(Policy, HasRoomForSoManyRawOptionsAndSaysWhenThereIsNone) {
  const auto policy = std::make_unique<Policy>();
  for (std::size_t i = 0; i < Policy::kMaxRaw; ++i) {
    EXPECT_EQ(policy->add_raw(6, 1000 + static_cast<int>(i)), kOptionCount + i);
  }
  EXPECT_EQ(policy->add_raw(6, 999), kNoOption);
  EXPECT_EQ(policy->add_raw(6, 1000), kOptionCount) << "what is there already is found";
  EXPECT_EQ(policy->option_count(), kMaxOptions);
}

TEST(Policy, TheLongestRawKeyFits) {
  const auto policy = std::make_unique<Policy>();
  const OptionId id = policy->add_raw(32767, 32766);
  EXPECT_EQ(policy->option(id).key.view(), "raw.32767.32766");
}

TEST(Policy, HasRoomForSoManySettings) {
  const auto policy = std::make_unique<Policy>();
  ASSERT_TRUE(policy->begin_rule(Rule::Kind::kBase, {}, 1));
  Setting setting{};
  setting.option = find_option("nodelay");
  setting.value = value_of_int(1);
  for (std::size_t i = 0; i < Policy::kMaxFileSettings; ++i) {
    setting.line = static_cast<std::uint32_t>(i + 1);
    ASSERT_TRUE(policy->add(setting)) << i;
  }
  EXPECT_FALSE(policy->add(setting));
  std::uint32_t line = 0;
  for (const Setting& kept : *policy) {
    ASSERT_EQ(kept.line, line + 1);
    ASSERT_EQ(policy->index_of(kept), line++);
  }
  EXPECT_EQ(line, Policy::kMaxFileSettings);
}

TEST(Policy, ASettingBelongsToTheRuleBegunLast) {
  const auto policy = std::make_unique<Policy>();
  Setting setting{};
  for (std::uint32_t line = 1; line <= 3; ++line) {
    ASSERT_TRUE(policy->begin_rule(Rule::Kind::kRule, "rule" + std::to_string(line), line));
    ASSERT_TRUE(policy->add(setting));
  }
  std::uint32_t line = 0;
  for (const Setting& kept : *policy) {
    const Rule& rule = policy->rule_of(kept);
    EXPECT_EQ(rule.line, ++line);
    EXPECT_EQ(policy->name(rule), "rule" + std::to_string(line));
    EXPECT_FALSE(rule.has_address() || rule.is_void() || rule.enforces);
  }
}

TEST(Policy, RemembersItsFiles) {
  const auto policy = std::make_unique<Policy>();
  for (std::size_t i = 0; i < Policy::kMaxFiles; ++i) {
    ASSERT_TRUE(policy->begin_file("/etc/sockopt.d/" + std::to_string(i), i));
  }
  EXPECT_FALSE(policy->begin_file("/etc/more", 1));
  EXPECT_EQ(policy->file_count(), Policy::kMaxFiles);
  for (std::size_t i = 0; i < Policy::kMaxFiles; ++i) {
    EXPECT_EQ(policy->path(i), "/etc/sockopt.d/" + std::to_string(i));
    EXPECT_EQ(policy->file_hash(i), i);
  }
}

TEST(Policy, RefusesTextThatDoesNotFit) {
  const auto policy = std::make_unique<Policy>();
  const std::string most(Policy::kMaxText, 'x');
  EXPECT_FALSE(policy->begin_file(most + 'x', 1));
  EXPECT_EQ(policy->file_count(), 0U);
  EXPECT_TRUE(policy->begin_file(most, 1));
  EXPECT_EQ(policy->path(0), most);
  EXPECT_FALSE(policy->begin_rule(Rule::Kind::kRule, "x", 1));
  EXPECT_EQ(policy->rule_count(), 0U);
  EXPECT_TRUE(policy->begin_rule(Rule::Kind::kBase, "", 1));
  EXPECT_FALSE(policy->add_program("x", false));
  EXPECT_FALSE(policy->has_programs());
}

TEST(Policy, SaysWhereASettingCameFrom) {
  const Configuration configuration("[sockopt]\n\nkeepidle = 60s\n",
                                    {"SOCKOPT_NODELAY=1", "SOCKOPT_RAW_6_200=1"});
  const Policy& policy = configuration.policy();
  std::string origins;
  for (const Setting& setting : policy) {
    TextOf<200> text;
    policy.describe_origin(setting, text);
    (origins += text.view()) += '\n';
  }
  EXPECT_EQ(origins, "sockopt.ini:3\nSOCKOPT_NODELAY\nSOCKOPT_RAW_6_200\n");
}

// All that can be asked of a policy, as text.
std::string everything(const Policy& policy) {
  std::string all;
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    all += std::string(policy.name(rule)) + '\n';
    for (std::size_t p = 0; p < rule.programs.count; ++p) {
      all += std::string(policy.glob(policy.programs()[rule.programs.first + p])) + '\n';
    }
    for (const Range range : {rule.listens, rule.connects}) {
      for (std::size_t a = 0; a < range.count; ++a) {
        const AddressPattern& pattern = policy.addresses()[range.first + a];
        all += std::to_string(pattern.first_port) + '/' + std::to_string(pattern.prefix) + '\n';
      }
    }
  }
  for (const Setting& setting : policy) {
    TextOf<300> line;
    line << policy.option(setting.option).key << '=';
    format_value(policy.option(setting.option), setting.value, line);
    policy.describe_origin(setting, line);
    all += std::string(line.view()) + '\n';
  }
  return all;
}

TEST(Policy, IsTheSameMovedTogether) {
  Configuration configuration(
      "[sockopt]\nkeepidle = 60s\nraw.6.99 = hex:0102\n[rule web]\nprogram = a*, !ab\n"
      "listen = 10.0.0.0/8:80, [::1]:443\npreset = balanced\n[rule db]\nconnect = 5432\n"
      "congestion = cubic\n");
  ASSERT_TRUE(configuration.faults().empty()) << configuration.rendered();
  Policy& policy = configuration.policy();
  const std::string before = everything(policy);
  const std::size_t size = policy.compact();
  EXPECT_EQ(everything(policy), before);
  EXPECT_TRUE(policy.is_consistent(size));
  EXPECT_LT(size, 16384U) << "of " << sizeof(Policy);
  EXPECT_GE(reinterpret_cast<const char*>(policy.end()) - reinterpret_cast<const char*>(&policy),
            0);
  EXPECT_LE(static_cast<std::size_t>(reinterpret_cast<const char*>(policy.end()) -
                                     reinterpret_cast<const char*>(&policy)),
            size);
  // What lies behind is never looked at.
  std::memset(reinterpret_cast<char*>(&policy) + size, 0xa5, sizeof(Policy) - size);
  EXPECT_EQ(everything(policy), before);
  EXPECT_EQ(policy.compact(), size) << "a second time";
  EXPECT_EQ(everything(policy), before);
}

// In a copy of another process's policy any byte can be anything.
TEST(Policy, IsInconsistentWhereABooleanOrAStateIsNone) {
  Configuration configuration(
      "[sockopt]\nkeepidle = 60s\n[rule web]\nprogram = a*\nlisten = 80\nraw.6.99 = 1\n");
  Policy& policy = configuration.policy();
  const std::size_t size = policy.compact();
  const void* const flags[] = {&policy.rule(1).enforces,       &policy.rule(1).state,
                               &policy.programs()[0].excludes, &policy.addresses()[0].excludes,
                               &policy.begin()->keeps_default, &policy.option(kOptionCount).both};
  for (std::size_t i = 0; i < std::size(flags); ++i) {
    auto* const byte = static_cast<unsigned char*>(const_cast<void*>(flags[i]));
    const unsigned char was = *byte;
    *byte = 3;
    EXPECT_FALSE(policy.is_consistent(size)) << i;
    *byte = was;
    EXPECT_TRUE(policy.is_consistent(size)) << i;
  }
}

// Its key is printed, and so must be the one that its numbers make.
// Whichever byte it is, and whatever stands there instead: what is still taken for consistent can
// be gone through, and nothing of it leads out of it.
TEST(Policy, LeadsNowhereWhereOneByteIsAnother) {
  Configuration configuration(
      "[sockopt]\nkeepidle = 60s\nraw.6.99 = hex:0102\n[rule web]\nprogram = a*, !ab\n"
      "listen = 10.0.0.0/8:80, [::1]:443\npreset = balanced\n[rule db]\nconnect = 5432\n"
      "congestion = cubic\n");
  const std::size_t size = configuration.policy().compact();
  // As much memory as there is of it, and not a byte more.
  const std::unique_ptr<unsigned char[]> bytes(new unsigned char[size]);
  std::memcpy(bytes.get(), &configuration.policy(), size);
  const auto& policy = *reinterpret_cast<const Policy*>(bytes.get());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < size; ++at) {
    const unsigned char was = bytes[at];
    for (const int other : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      bytes[at] = static_cast<unsigned char>(other);
      if (!policy.is_consistent(size)) {
        ++refused;
      } else {
        EXPECT_LT(everything(policy).size(), 100'000U) << at;
      }
    }
    bytes[at] = was;
  }
  EXPECT_GT(refused, 500U);
  EXPECT_TRUE(policy.is_consistent(size));
  for (const std::size_t wrong : {std::size_t{0}, size / 2, sizeof(Policy) + 1}) {
    EXPECT_FALSE(policy.is_consistent(wrong)) << wrong;
  }
}

TEST(Policy, IsInconsistentWhereARawOptionHasAnotherKey) {
  Configuration configuration("[sockopt]\nraw.6.99 = 1\n");
  Policy& policy = configuration.policy();
  const std::size_t size = policy.compact();
  auto& key = const_cast<Option&>(policy.option(kOptionCount)).key;
  EXPECT_TRUE(policy.is_consistent(size));
  key.characters[6] = '\x1b';
  EXPECT_FALSE(policy.is_consistent(size));
}

TEST(VariableName, IsTheKeyInUpperCase) {
  for (const Option& option : kOptions) {
    TextOf<100> name;
    variable_name(option, name);
    EXPECT_TRUE(name.view().starts_with("SOCKOPT_"));
    EXPECT_TRUE(equals_ignoring_case(slice(name.view(), 8), option.key.view())) << name.view();
    for (const char c : name.view()) EXPECT_EQ(c, to_upper(c));
  }
}

TEST(LogLevel, HasANameForEachLevelAndBack) {
  for (const LogLevel level :
       {LogLevel::kOff, LogLevel::kError, LogLevel::kWarn, LogLevel::kInfo, LogLevel::kDebug}) {
    LogLevel read{};
    EXPECT_TRUE(parse_log_level(log_level_name(level), read));
    EXPECT_EQ(read, level);
    EXPECT_NE(kLogLevels.find(log_level_name(level)), std::string_view::npos);
  }
  LogLevel level = LogLevel::kInfo;
  EXPECT_TRUE(parse_log_level("DEBUG", level));
  EXPECT_EQ(level, LogLevel::kDebug);
  for (const std::string_view text : {"", "on", "1", "warning", "warn ", "deb"}) {
    EXPECT_FALSE(parse_log_level(text, level)) << text;
    EXPECT_EQ(level, LogLevel::kDebug);
  }
}

}  // namespace
}  // namespace sockopt::test
