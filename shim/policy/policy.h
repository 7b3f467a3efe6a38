// SPDX-License-Identifier: MIT
//
// The policy: everything that was asked for, parsed and checked, in the order of its strength.  It
// holds no pointer into other memory and allocates nothing: the shim keeps it in pages that become
// read-only once it is complete, and a command can read it from outside the process.  A zeroed
// Policy is an empty one.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/options/table.h"
#include "shim/policy/setting.h"
#include "shim/text/text.h"

namespace sockopt {

enum class LogLevel : std::uint8_t { kOff, kError, kWarn, kInfo, kDebug };

/// `off`, `error`, `warn`, `info`, `debug`; false where `text` is none of them.
bool parse_log_level(std::string_view text, LogLevel& level);
std::string_view log_level_name(LogLevel level);

class Policy {
 public:
  static constexpr std::size_t kMaxRaw = kMaxOptions - kOptionCount;
  static constexpr std::size_t kMaxSettings = 512;
  static constexpr std::size_t kMaxPath = 4096;

  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  /// The row of a table option or of a raw one.
  const Option& option(OptionId id) const {
    return id < kOptionCount ? kOptions[id] : raw_[id - kOptionCount];
  }
  std::size_t option_count() const { return kOptionCount + raw_count_; }

  /// The id of (level, name): a row of the table, a raw option of this policy, or kNoOption.
  OptionId find(int level, int name) const;

  /// The id for `raw.LEVEL.NAME`, made on first use; kNoOption when there is no room for more.
  OptionId add_raw(int level, int name);

  /// Appends a setting, stronger than all before it.  False when there is no room for more.
  bool add(const Setting& setting);

  const Setting* begin() const { return settings_; }
  const Setting* end() const { return settings_ + setting_count_; }
  bool empty() const { return setting_count_ == 0; }

  LogLevel log_level() const { return log_level_; }
  void set_log_level(LogLevel level) { log_level_ = level; }

  /// The file that was read; empty where none was.
  std::string_view path() const { return {path_, path_size_}; }
  std::uint64_t file_hash() const { return file_hash_; }
  void set_file(std::string_view path, std::uint64_t hash);

  /// `/etc/sockopt.ini:3` or `SOCKOPT_KEEPIDLE`.
  void describe_origin(const Setting& setting, Text& out) const;

 private:
  Option raw_[kMaxRaw];
  char raw_keys_[kMaxRaw][32];
  Setting settings_[kMaxSettings];
  char path_[kMaxPath];
  std::size_t path_size_ = 0;
  std::uint64_t file_hash_ = 0;
  std::uint16_t setting_count_ = 0;
  std::uint8_t raw_count_ = 0;
  LogLevel log_level_ = LogLevel::kWarn;
};

/// `SOCKOPT_KEEPIDLE`, `SOCKOPT_RAW_6_18`: the variable of an option.
void variable_name(const Option& option, Text& out);

}  // namespace sockopt
