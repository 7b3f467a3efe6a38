// SPDX-License-Identifier: MIT
//
// Presets: settings that belong together, under one name, each with the reason it is there and what
// it costs.  sockopt.ini(5) says what was measured and left out.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "shim/text/fixed_text.h"

namespace sockopt {

struct PresetSetting {
  FixedText<24> key;
  FixedText<8> value;
};

// In the table itself, not behind pointers: nothing to relocate when the library is loaded.
struct Preset {
  static constexpr std::size_t kMostSettings = 6;

  FixedText<16> name;
  PresetSetting list[kMostSettings];  ///< the rest is empty

  constexpr std::span<const PresetSetting> settings() const {
    std::size_t count = 0;
    while (count < kMostSettings && !list[count].key.empty()) ++count;
    return {list, count};
  }
};

// clang-format off
inline constexpr auto kPresets = std::to_array<Preset>({
    {"balanced", {{"keepalive", "on"}, {"keepidle", "180s"}, {"keepintvl", "60s"},
                  {"keepcnt", "5"}, {"nodelay", "on"}, {"backlog", "4096"}}},
    {"low-latency", {{"nodelay", "on"}, {"notsent_lowat", "128K"},
                     {"thin_linear_timeouts", "on"}, {"backlog", "4096"}}},
    {"high-throughput", {{"notsent_lowat", "128K"}, {"backlog", "4096"}}},
    {"dead-peer", {{"keepalive", "on"}, {"keepidle", "60s"}, {"keepintvl", "10s"},
                   {"keepcnt", "5"}, {"user_timeout", "120s"}}},
});
// clang-format on

inline constexpr std::string_view kPresetNames = "balanced|low-latency|high-throughput|dead-peer";

/// Setting::preset of what this one brings.
constexpr std::uint8_t preset_number(const Preset& preset) {
  return static_cast<std::uint8_t>(&preset - kPresets.data() + 1);
}

/// Null if there is no such preset.
constexpr const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

}  // namespace sockopt
