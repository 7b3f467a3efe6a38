// SPDX-License-Identifier: MIT
#include "shim/policy/policy.h"

#include <cstring>

#include "shim/options/lookup.h"

namespace sockopt {
namespace {

constexpr std::string_view kLevels[] = {"off", "error", "warn", "info", "debug"};

}  // namespace

bool parse_log_level(std::string_view text, LogLevel& level) {
  for (std::size_t i = 0; i < std::size(kLevels); ++i) {
    if (equals_ignoring_case(text, kLevels[i])) {
      level = static_cast<LogLevel>(i);
      return true;
    }
  }
  return false;
}

std::string_view log_level_name(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

OptionId Policy::find(int level, int name) const {
  const OptionId row = find_kernel_name(level, name);
  if (row != kNoOption || raw_count_ == 0) return row;
  for (std::size_t i = 0; i < raw_count_; ++i) {
    if (raw_[i].ipv4 == KernelName{level, name}) return static_cast<OptionId>(kOptionCount + i);
  }
  return kNoOption;
}

OptionId Policy::add_raw(int level, int name) {
  for (std::size_t i = 0; i < raw_count_; ++i) {
    if (raw_[i].ipv4 == KernelName{level, name}) return static_cast<OptionId>(kOptionCount + i);
  }
  if (raw_count_ == kMaxRaw) return kNoOption;
  Text key(raw_keys_[raw_count_], sizeof raw_keys_[0]);
  (key << "raw.").decimal(level) << '.';
  key.decimal(name);
  Option& option = raw_[raw_count_];
  option.key = key.view();
  option.group = Group::kRaw;
  option.kind = Kind::kRaw;
  option.min = -kIntMax - 1;
  option.max = 0xffffffff;
  option.ipv4 = {level, name};
  option.moments = kAtSocket | kBeforeListen;
  return static_cast<OptionId>(kOptionCount + raw_count_++);
}

bool Policy::add(const Setting& setting) {
  if (setting_count_ == kMaxSettings) return false;
  settings_[setting_count_++] = setting;
  return true;
}

void Policy::set_file(std::string_view path, std::uint64_t hash) {
  path_size_ = path.size() < kMaxPath ? path.size() : kMaxPath;
  std::memcpy(path_, path.data(), path_size_);
  file_hash_ = hash;
}

void Policy::describe_origin(const Setting& setting, Text& out) const {
  if (setting.origin.kind == Origin::Kind::kVariable) {
    variable_name(option(setting.option), out);
  } else {
    (out.escaped(path()) << ':').unsigned_decimal(setting.origin.line);
  }
}

void variable_name(const Option& option, Text& out) {
  out << "SOCKOPT_";
  for (const char c : option.key) out << (c == '.' ? '_' : to_upper(c));
}

}  // namespace sockopt
