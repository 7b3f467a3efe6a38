// SPDX-License-Identifier: MIT
#include "shim/policy/policy.h"

#include <cstring>

#include "shim/options/lookup.h"
#include "shim/options/value.h"

namespace sockopt {
namespace {

// How a list decides: `asks` is true once it has a pattern that is not an exclusion.
struct ListMatch {
  bool asks = false;
  bool included = false;
  bool excluded = false;

  void take(bool excludes, bool matches) {
    if (excludes) {
      excluded = excluded || matches;
    } else {
      asks = true;
      included = included || matches;
    }
  }
  bool result() const { return !excluded && (included || !asks); }
};

}  // namespace

OptionId Policy::find(int level, int name) const {
  const OptionId row = find_kernel_name(level, name);
  return row != kNoOption ? row : find_raw(level, name);
}

OptionId Policy::find_raw(int level, int name) const {
  for (std::size_t i = 0; i < raw_count_; ++i) {
    const KernelName& its = raw_options()[i].ipv4;
    if (its.level == level && its.name == name) return static_cast<OptionId>(kOptionCount + i);
  }
  return kNoOption;
}

bool Policy::matches_program(const Rule& rule, const Program& program) const {
  ListMatch match;
  for (std::size_t i = 0; i < rule.programs.count; ++i) {
    const ProgramPattern& pattern = programs()[rule.programs.first + i];
    match.take(pattern.excludes, program.matches(glob(pattern)));
  }
  return match.result();
}

bool Policy::matches_address(Range list, const Address& address) const {
  if (list.count == 0) return false;
  ListMatch match;
  for (std::size_t i = 0; i < list.count; ++i) {
    const AddressPattern& pattern = addresses()[list.first + i];
    match.take(pattern.excludes, pattern.matches(address));
  }
  return match.result();
}

bool Policy::store(std::string_view text, TextRange& range) {
  if (text.size() > kMaxText - text_size_) return false;
  if (!make_room(kText, text.size())) return false;
  if (!text.empty()) std::memcpy(array<char>(kText) + text_size_, text.data(), text.size());
  range = {text_size_, static_cast<std::uint32_t>(text.size())};
  text_size_ += range.count;
  return true;
}

bool Policy::begin_file(std::string_view path, std::uint64_t hash) {
  File file{.path = {}, .hash = hash};
  if (file_count_ == kMaxFiles || !store(path, file.path)) return false;
  if (!make_room(kFiles, sizeof file)) return false;
  array<File>(kFiles)[file_count_++] = file;
  return true;
}

bool Policy::begin_rule(Rule::Kind kind, std::string_view name, std::uint32_t line) {
  if (rule_count_ == (kind == Rule::Kind::kVariables ? kMaxRules : kMaxFileRules)) return false;
  Rule rule{};
  rule.kind = kind;
  rule.file = static_cast<std::uint8_t>(file_count_ == 0 ? 0 : file_count_ - 1);
  rule.line = line;
  if (!store(name, rule.name)) return false;
  if (!make_room(kRules, sizeof rule)) return false;
  array<Rule>(kRules)[rule_count_++] = rule;
  return true;
}

bool Policy::add_program(std::string_view glob, bool excludes) {
  if (program_count_ == kMaxPatterns) return false;
  ProgramPattern pattern{};
  pattern.excludes = excludes;
  if (!store(glob, pattern.glob)) return false;
  if (!make_room(kPrograms, sizeof pattern)) return false;
  array<ProgramPattern>(kPrograms)[program_count_] = pattern;
  Range& list = current_rule().programs;
  if (list.count++ == 0) list.first = program_count_;
  ++program_count_;
  return true;
}

// A rule may name listen, connect and listen again: the later ones are moved next to the first.
bool Policy::add_address(Range Rule::*list, const AddressPattern& pattern) {
  if (address_count_ == kMaxPatterns || !make_room(kAddresses, sizeof pattern)) return false;
  Rule& rule = current_rule();
  Range& own = rule.*list;
  Range& other = list == &Rule::listens ? rule.connects : rule.listens;
  if (own.count == 0) own.first = address_count_;
  const std::size_t at = own.first + own.count;
  AddressPattern* place = array<AddressPattern>(kAddresses) + at;
  std::memmove(place + 1, place, (address_count_ - at) * sizeof pattern);
  *place = pattern;
  if (other.count != 0 && other.first >= at) ++other.first;
  ++own.count;
  ++address_count_;
  return true;
}

bool Policy::add(Setting setting) {
  const bool variable = current_rule().kind == Rule::Kind::kVariables;
  if (setting_count_ >= (variable ? kMaxSettings : kMaxFileSettings)) return false;
  setting.rule = static_cast<std::uint16_t>(rule_count_ - 1);
  if (!make_room(kSettings, sizeof setting)) return false;
  array<Setting>(kSettings)[setting_count_++] = setting;
  return true;
}

void Policy::drop(OptionId option) {
  Setting* const settings = array<Setting>(kSettings);
  std::size_t first = setting_count_;
  while (first > 0 && settings[first - 1].rule == rule_count_ - 1) --first;
  std::size_t kept = first;
  for (std::size_t i = first; i < setting_count_; ++i) {
    if (settings[i].option != option) settings[kept++] = settings[i];
  }
  setting_count_ = static_cast<std::uint16_t>(kept);
}

OptionId Policy::add_raw(int level, int name) {
  if (const OptionId known = find_raw(level, name); known != kNoOption) return known;
  if (raw_count_ == kMaxRaw || !make_room(kRaw, sizeof(Option))) return kNoOption;
  Option& option = array<Option>(kRaw)[raw_count_];
  option = Option{};
  // The longest, raw.32767.32767, leaves room for the NUL.
  Text key(option.key.characters, sizeof option.key.characters - 1);
  (key << "raw.").decimal(level) << '.';
  key.decimal(name);
  option.group = Group::kRaw;
  option.kind = Kind::kRaw;
  option.min = -kIntMax - 1;
  option.max = 0xffffffff;
  option.ipv4 = {static_cast<std::int16_t>(level), static_cast<std::int16_t>(name)};
  option.lost_at_disconnect = true;  // for all that is known
  option.hook_points = kAtSocket | kBeforeListen;
  return static_cast<OptionId>(kOptionCount + raw_count_++);
}

std::uint32_t Policy::bytes_in(Part part) const {
  switch (part) {
    case kFiles:
      return file_count_ * std::uint32_t{sizeof(File)};
    case kRaw:
      return raw_count_ * std::uint32_t{sizeof(Option)};
    case kRules:
      return rule_count_ * std::uint32_t{sizeof(Rule)};
    case kSettings:
      return setting_count_ * std::uint32_t{sizeof(Setting)};
    case kPrograms:
      return program_count_ * std::uint32_t{sizeof(ProgramPattern)};
    case kAddresses:
      return address_count_ * std::uint32_t{sizeof(AddressPattern)};
    default:
      return text_size_;
  }
}

// Once one array has outgrown its place, each gets the largest that it can
// need.
bool Policy::make_room(Part part, std::size_t bytes) {
  if (room_ == Room::kSpread || bytes_in(part) + bytes <= kFewBytes[part]) return true;
  if (room_ != Room::kEnough) {
    room_ = Room::kOutgrown;
    return false;
  }
  room_ = Room::kSpread;
  std::uint32_t at = sizeof storage_;
  for (int i = kParts; i-- > 0;) {
    at -= kMostBytes[i];
    move(static_cast<Part>(i), at);
  }
  return true;
}

// Not onto another that has still to be moved.
void Policy::move(Part part, std::uint32_t to) {
  std::memmove(storage_ + to, storage_ + at_[part], bytes_in(part));
  at_[part] = to;
}

std::size_t Policy::compact() {
  std::uint32_t end = 0;
  for (int i = 0; i < kParts; ++i) {
    const auto part = static_cast<Part>(i);
    move(part, end);
    end += (bytes_in(part) + 7) & ~7U;
  }
  return static_cast<std::size_t>(storage_ + end - reinterpret_cast<unsigned char*>(this));
}

void Policy::describe_value(const Setting& setting, Text& out) const {
  if (setting.keeps_default) {
    out << (setting.ignores ? "ignore" : "default");
  } else {
    format_value(option(setting.option), setting.value, out);
  }
}

void Policy::describe_origin(const Setting& setting, Text& out) const {
  const Rule& rule = rule_of(setting);
  if (rule.kind == Rule::Kind::kVariables && setting.line == kOnCommandLine) {
    out << "-o " << (setting.preset != 0 ? "preset" : option(setting.option).key.view());
  } else if (rule.kind == Rule::Kind::kVariables && setting.preset != 0) {
    out << kPresetVariable;
  } else if (rule.kind == Rule::Kind::kVariables) {
    variable_name(option(setting.option), out);
  } else {
    (out.escaped(path(rule.file)) << ':').unsigned_decimal(setting.line);
  }
}

void variable_name(const Option& option, Text& out) {
  out << "SOCKOPT_";
  for (const char c : option.key.view()) out << (c == '.' ? '_' : to_upper(c));
}

}  // namespace sockopt
