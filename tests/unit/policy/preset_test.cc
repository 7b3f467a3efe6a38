// SPDX-License-Identifier: MIT
//
// A preset is a list of settings that anybody could have written.
#include "shim/policy/preset.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "shim/options/lookup.h"
#include "tests/unit/options/values.h"

namespace sockopt::test {
namespace {

TEST(Presets, HoldSoundValuesOfEachOptionOnce) {
  for (const Preset& preset : kPresets) {
    EXPECT_FALSE(preset.settings().empty()) << preset.name.view();
    std::set<std::string_view> keys;
    for (const PresetSetting& setting : preset.settings()) {
      EXPECT_TRUE(keys.insert(setting.key.view()).second)
          << preset.name.view() << ' ' << setting.key.view();
      ASSERT_NE(find_option(setting.key.view()), kNoOption) << setting.key.view();
      EXPECT_EQ(error_of(option_of(setting.key.view()), setting.value.view()), "")
          << setting.key.view();
    }
  }
}

TEST(Presets, AreFoundByNameAndNamedInTheErrors) {
  std::string names;
  for (const Preset& preset : kPresets) {
    EXPECT_EQ(find_preset(preset.name), &preset);
    if (!names.empty()) names += '|';
    names += preset.name;
  }
  EXPECT_EQ(names, kPresetNames);
  EXPECT_EQ(find_preset("none"), nullptr);
  EXPECT_EQ(find_preset(""), nullptr);
}

// user_timeout below keepidle + keepintvl * keepcnt would take the place of keepcnt.
TEST(Presets, LetKeepcntCount) {
  for (const Preset& preset : kPresets) {
    std::int64_t idle = 0;
    std::int64_t interval = 0;
    std::int64_t count = 0;
    std::int64_t timeout_ms = 0;
    for (const PresetSetting& setting : preset.settings()) {
      const std::int64_t number =
          number_of(option_of(setting.key.view()), setting.value.view()).value_or(0);
      if (setting.key.view() == "keepidle") idle = number;
      if (setting.key.view() == "keepintvl") interval = number;
      if (setting.key.view() == "keepcnt") count = number;
      if (setting.key.view() == "user_timeout") timeout_ms = number;
    }
    if (timeout_ms != 0) {
      EXPECT_GE(timeout_ms, 1000 * (idle + interval * count)) << preset.name.view();
    }
    EXPECT_LE(idle, 350) << preset.name.view()
                         << ": load balancers drop idle connections after that";
  }
}

}  // namespace
}  // namespace sockopt::test
