// SPDX-License-Identifier: MIT
//
// One key, one value: the road that file, variables and -o share.
#include "shim/config/assignment.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "shim/options/lookup.h"
#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

class Assignment : public testing::Test {
 protected:
  Assignment() { EXPECT_TRUE(policy_->begin_rule(Rule::Kind::kBase, {}, 1)); }

  OptionId resolve(std::string_view key) {
    error_.clear();
    return resolve_key(*policy_, key, error_);
  }
  bool assign_text(OptionId option, std::string_view value, std::uint32_t line = 1) {
    error_.clear();
    return assign(*policy_, option, value, line, 0, error_);
  }
  std::string error() const { return std::string(error_.view()); }

  std::unique_ptr<Policy> policy_ = std::make_unique<Policy>();
  TextOf<400> error_;
};

TEST_F(Assignment, EveryKeyIsItsRow) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    EXPECT_EQ(resolve(kOptions[id].key.view()), id);
    EXPECT_EQ(error(), "");
  }
}

TEST_F(Assignment, AnUnknownKeyIsSuggestedAKnownOne) {
  EXPECT_EQ(resolve("keepidel"), kNoOption);
  EXPECT_EQ(error(), "unknown option `keepidel`; did you mean `keepidle`?");
  EXPECT_EQ(resolve("worker_processes"), kNoOption);
  EXPECT_EQ(error(), "unknown option `worker_processes`; `sockopt options` lists them all");
  EXPECT_EQ(resolve("\x1b[2J"), kNoOption);
  EXPECT_EQ(error(), "unknown option `\\x1b[2J`; `sockopt options` lists them all");
  EXPECT_EQ(resolve("KEEPIDLE"), kNoOption);
  EXPECT_EQ(error(), "unknown option `KEEPIDLE`; did you mean `keepidle`?");
}

TEST_F(Assignment, RawOptionsAreLevelAndName) {
  const OptionId id = resolve("raw.6.200");
  EXPECT_EQ(id, kOptionCount);
  EXPECT_EQ(policy_->option(id).ipv4, (KernelName{6, 200}));
  EXPECT_EQ(resolve("raw.6.200"), id);
  EXPECT_EQ(resolve("raw.0x6.0xc8"), id);
  EXPECT_EQ(resolve("raw.0.0"), kOptionCount + 1);
  EXPECT_EQ(resolve("raw.32767.32767"), kOptionCount + 2);
}

TEST_F(Assignment, WhatIsNoLevelAndNameIsRefused) {
  for (const std::string_view key :
       {"raw.", "raw..", "raw.6", "raw.6.", "raw..18", "raw.6.18.1", "raw.tcp.18", "raw.6.x",
        "raw.-1.18", "raw.6.-1", "raw.32768.1", "raw.1.32768", "raw.6 .18", "raw.6.18s"}) {
    EXPECT_EQ(resolve(key), kNoOption) << key;
    EXPECT_EQ(error().find('`' + std::string(key) + "` is not raw.LEVEL.NAME"), 0U) << error();
  }
  EXPECT_EQ(policy_->option_count(), kOptionCount);
  EXPECT_EQ(resolve("raw"), kNoOption);
  EXPECT_EQ(resolve("raw6.18"), kNoOption);
}

TEST_F(Assignment, ThereIsRoomForSoManyRawOptions) {
  for (std::size_t i = 0; i < Policy::kMaxRaw; ++i) {
    EXPECT_NE(resolve("raw.300." + std::to_string(i)), kNoOption);
  }
  EXPECT_EQ(resolve("raw.300.9999"), kNoOption);
  EXPECT_EQ(error(), "no room for `raw.300.9999`: at most " + std::to_string(Policy::kMaxRaw) +
                         " raw options");
}

TEST_F(Assignment, AddsASettingWithItsPlace) {
  ASSERT_TRUE(assign_text(find_option("keepidle"), "5m", 7));
  ASSERT_NE(policy_->begin(), policy_->end());
  const Setting& setting = *policy_->begin();
  EXPECT_EQ(setting.option, find_option("keepidle"));
  EXPECT_FALSE(setting.keeps_default);
  EXPECT_EQ(setting.line, 7U);
  EXPECT_EQ(setting.value, value_of_int(300));
}

TEST_F(Assignment, DefaultIsASettingOfEveryOption) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    ASSERT_TRUE(assign_text(id, "default")) << error();
    EXPECT_TRUE((policy_->end() - 1)->keeps_default);
    EXPECT_EQ((policy_->end() - 1)->option, id);
  }
}

TEST_F(Assignment, AddsNothingWhenTheValueIsWrong) {
  EXPECT_FALSE(assign_text(find_option("keepidle"), "60;"));
  EXPECT_EQ(error(), "unexpected `;` after the number; takes 1s..32767s");
  EXPECT_TRUE(policy_->empty());
}

TEST_F(Assignment, SaysWhenThereIsNoRoomForMore) {
  const OptionId nodelay = find_option("nodelay");
  for (std::size_t i = 0; i < Policy::kMaxFileSettings; ++i) {
    ASSERT_TRUE(assign_text(nodelay, "on"));
  }
  EXPECT_FALSE(assign_text(nodelay, "on"));
  EXPECT_EQ(error(), "too many settings: at most " + std::to_string(Policy::kMaxFileSettings));
}

TEST_F(Assignment, ASettingKnowsItsPreset) {
  ASSERT_TRUE(assign(*policy_, find_option("nodelay"), "on", 3, 2, error_));
  EXPECT_EQ(policy_->begin()->preset, 2);
}

TEST_F(Assignment, BooleansThatAreNoOptionAreSpeltAsThoseThatAre) {
  bool value = false;
  EXPECT_TRUE(parse_boolean("Yes", value, error_));
  EXPECT_TRUE(value);
  EXPECT_TRUE(parse_boolean("0", value, error_));
  EXPECT_FALSE(value);
  value = true;
  EXPECT_FALSE(parse_boolean("always", value, error_));
  EXPECT_TRUE(value);
  EXPECT_EQ(error(), "takes on|off");
}

// One key for each option: by its number it would be another way to set the same thing.
TEST_F(Assignment, RawNamesOfRowsHaveAKeyOfTheirOwn) {
  EXPECT_EQ(resolve("raw.6.18"), kNoOption);
  EXPECT_EQ(error(), "`raw.6.18` has its own key: user_timeout");
  for (const Option& option : kOptions) {
    for (const KernelName name : {option.ipv4, option.ipv6}) {
      if (!name.exists()) continue;
      const std::string key = "raw." + std::to_string(name.level) + '.' + std::to_string(name.name);
      EXPECT_EQ(resolve(key), kNoOption) << key;
      EXPECT_EQ(error(), "`" + key + "` has its own key: " + std::string(option.key));
    }
  }
}

}  // namespace
}  // namespace sockopt::test
