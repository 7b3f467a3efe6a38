// SPDX-License-Identifier: MIT
//
// The policy: all settings, parsed and checked, in order of precedence.  It allocates nothing and
// holds no pointer: the library keeps it in pages that become read-only once it is complete, and
// the command can copy it from there.  Unused parts of its arrays are never touched, and are given
// back when it is complete.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/options/table.h"
#include "shim/policy/log_level.h"
#include "shim/policy/preset.h"
#include "shim/policy/program.h"
#include "shim/policy/rule.h"
#include "shim/policy/setting.h"
#include "shim/text/text.h"

namespace sockopt {

/// How many bytes the first `parts` of a policy's arrays have together.
constexpr std::uint32_t sum_of(const std::uint32_t* bytes, int parts) {
  std::uint32_t sum = 0;
  for (int i = 0; i < parts; ++i) sum += bytes[i];
  return sum;
}

class Policy {
 public:
  static constexpr std::size_t kMaxRaw = kMaxOptions - kOptionCount;
  static constexpr std::size_t kMaxRules = 2048;
  static constexpr std::size_t kMaxSettings = 16384;
  // The variables, which win over every file, always have room.
  static constexpr std::size_t kMaxFileRules = kMaxRules - 1;
  static constexpr std::size_t kMaxFileSettings =
      kMaxSettings - kMaxOptions - Preset::kMostSettings;
  static constexpr std::size_t kMaxPatterns = 8192;  ///< of programs, and of addresses
  static constexpr std::size_t kMaxFiles = 64;
  static constexpr std::size_t kMaxText = std::size_t{3} << 16;

  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  // Reading.

  /// The row of a table option or of a raw one.
  const Option& option(OptionId id) const {
    return id < kOptionCount ? kOptions[id] : raw_options()[id - kOptionCount];
  }
  std::size_t option_count() const { return kOptionCount + raw_count_; }
  /// The id of (level, name): a row of the table, a raw option of this policy, or kNoOption.
  OptionId find(int level, int name) const;

  const Setting* begin() const { return array<Setting>(kSettings); }
  const Setting* end() const { return begin() + setting_count_; }
  bool empty() const { return setting_count_ == 0; }
  std::size_t index_of(const Setting& setting) const {
    return static_cast<std::size_t>(&setting - begin());
  }

  std::size_t rule_count() const { return rule_count_; }
  const Rule& rule(std::size_t index) const { return array<Rule>(kRules)[index]; }
  const Rule& rule_of(const Setting& setting) const { return rule(setting.rule); }
  std::string_view name(const Rule& rule) const { return text(rule.name); }
  std::string_view glob(const ProgramPattern& pattern) const { return text(pattern.glob); }
  bool has_programs() const { return program_count_ != 0; }
  const ProgramPattern* programs() const { return array<ProgramPattern>(kPrograms); }
  const AddressPattern* addresses() const { return array<AddressPattern>(kAddresses); }

  /// In every list a pattern must match, unless it has only exclusions, and no exclusion may.
  bool matches_program(const Rule& rule, const Program& program) const;
  bool matches_listen(const Rule& rule, const Address& address) const {
    return matches_address(rule.listens, address);
  }
  bool matches_connect(const Rule& rule, const Address& address) const {
    return matches_address(rule.connects, address);
  }
  bool matches_address(Range list, const Address& address) const;

  std::size_t file_count() const { return file_count_; }
  std::string_view path(std::size_t file) const { return text(files()[file].path); }
  std::uint64_t file_hash(std::size_t file) const { return files()[file].hash; }

  LogLevel log_level() const { return log_level_; }

  // Building.  False or kNoOption means that there was no room.

  bool begin_file(std::string_view path, std::uint64_t hash);
  bool begin_rule(Rule::Kind kind, std::string_view name, std::uint32_t line);
  Setting& setting(std::size_t index) { return array<Setting>(kSettings)[index]; }
  /// The rule begun last.
  Rule& current_rule() { return array<Rule>(kRules)[rule_count_ - 1]; }
  bool add_program(std::string_view glob, bool excludes);
  /// Addresses of one kind are adjacent: all of a rule's `listen`, or all of its `connect`.
  bool add_address(Range Rule::*list, const AddressPattern& pattern);
  /// Appends a setting to the current rule, where it wins over all before it.
  bool add(Setting setting);
  /// Takes the current rule's setting of this option out again.
  void drop(OptionId option);
  /// The id for `raw.LEVEL.NAME`, made on first use.  Both from 0 to 32767.
  OptionId add_raw(int level, int name);
  void set_log_level(LogLevel level) { log_level_ = level; }
  /// From now on it has room for few of everything, and the first small_size() bytes will do.  What
  /// does not fit is refused as if there were no room at all, and `outgrown` says so.
  void stay_small() { room_ = Room::kFew; }
  static constexpr std::size_t kFewSettings = 12;
  static constexpr std::size_t small_size() {
    return sizeof(Policy) - sizeof storage_ + sum_of(kFewBytes, kParts);
  }
  bool outgrown() const { return room_ == Room::kOutgrown; }
  /// Moves the arrays together once everything is added. Returns how many bytes of the object are
  /// in use; those after them are never read again.
  std::size_t compact();

  /// For a copy from another process: whether everything in it points into its first `size` bytes.
  bool is_consistent(std::size_t size) const;

  // Describing.

  /// `60s`, `default` or `ignore`.
  void describe_value(const Setting& setting, Text& out) const;
  /// `/etc/sockopt.ini:3` or `SOCKOPT_KEEPIDLE`.
  void describe_origin(const Setting& setting, Text& out) const;

 private:
  struct File {
    TextRange path;
    std::uint64_t hash;
  };

  // The arrays, one after the other in storage_.
  enum Part { kFiles, kRaw, kRules, kSettings, kPrograms, kAddresses, kText, kParts };
  static constexpr std::uint32_t kMostBytes[kParts] = {sizeof(File) * kMaxFiles,
                                                       sizeof(Option) * kMaxRaw,
                                                       sizeof(Rule) * kMaxRules,
                                                       sizeof(Setting) * kMaxSettings,
                                                       sizeof(ProgramPattern) * kMaxPatterns,
                                                       sizeof(AddressPattern) * kMaxPatterns,
                                                       kMaxText};
  // What most policies get along with, so that a start touches one page for all that it keeps.
  static constexpr std::uint32_t kFewBytes[kParts] = {sizeof(File) * 4,
                                                      sizeof(Option),
                                                      sizeof(Rule) * 8,
                                                      sizeof(Setting) * kFewSettings,
                                                      sizeof(ProgramPattern) * 4,
                                                      sizeof(AddressPattern) * 8,
                                                      392};
  template <typename T>
  T* array(Part part) {
    return reinterpret_cast<T*>(storage_ + at_[part]);
  }
  template <typename T>
  const T* array(Part part) const {
    return reinterpret_cast<const T*>(storage_ + at_[part]);
  }
  enum class Room : std::uint8_t {
    kEnough,
    kSpread,    ///< each array has all the room that it can take
    kFew,       ///< and none can have more
    kOutgrown,  ///< one was to have more
  };

  OptionId find_raw(int level, int name) const;
  std::uint32_t bytes_in(Part part) const;
  bool make_room(Part part, std::size_t bytes);
  void move(Part part, std::uint32_t to);

  const File* files() const { return array<File>(kFiles); }
  const Option* raw_options() const { return array<Option>(kRaw); }
  std::string_view text(TextRange range) const {
    return {array<char>(kText) + range.first, range.count};
  }
  bool store(std::string_view text, TextRange& range);

  std::uint32_t text_size_ = 0;
  std::uint16_t setting_count_ = 0;
  std::uint16_t rule_count_ = 0;
  std::uint16_t program_count_ = 0;
  std::uint16_t address_count_ = 0;
  std::uint8_t raw_count_ = 0;
  std::uint8_t file_count_ = 0;
  LogLevel log_level_ = LogLevel::kWarn;
  Room room_ = Room::kEnough;
  std::uint32_t at_[kParts] = {  ///< each array's place
      sum_of(kFewBytes, kFiles),    sum_of(kFewBytes, kRaw),      sum_of(kFewBytes, kRules),
      sum_of(kFewBytes, kSettings), sum_of(kFewBytes, kPrograms), sum_of(kFewBytes, kAddresses),
      sum_of(kFewBytes, kText)};
  alignas(8) unsigned char storage_[sum_of(kMostBytes, kParts)];
};

inline constexpr std::string_view kPresetVariable = "SOCKOPT_PRESET";

/// As its line, marks the setting of a variable that stands for an -o; others have none.
inline constexpr std::uint32_t kOnCommandLine = 1;

/// `SOCKOPT_KEEPIDLE`, `SOCKOPT_RAW_6_18`: the variable of an option.
void variable_name(const Option& option, Text& out);

}  // namespace sockopt
