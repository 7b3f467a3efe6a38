// SPDX-License-Identifier: MIT
//
// A policy copied from another process's memory may hold anything: that process can write there
// what it likes. Before the copy is read, this checks that everything in it stays within it.
#include <cstring>

#include "shim/policy/policy.h"
#include "shim/policy/preset.h"

namespace sockopt {
namespace {

bool lies_within(std::uint64_t first, std::uint64_t count, std::uint64_t size) {
  return first <= size && count <= size - first;
}

// A byte from outside may be neither, and reading it as a bool is then undefined.
bool is_boolean(const bool& flag) {
  unsigned char byte = 0;
  std::memcpy(&byte, &flag, sizeof byte);
  return byte <= 1;
}

// Exactly what add_raw makes: an enumerator from outside may be none.
bool is_sound_raw(const Option& option) {
  TextOf<32> key;
  (key << "raw.").decimal(option.ipv4.level) << '.';
  key.decimal(option.ipv4.name);
  return is_boolean(option.both) && !option.both && option.key == key.view() &&
         option.group == Group::kRaw && option.kind == Kind::kRaw && option.unit == Unit::kNone &&
         option.bind_order == BindOrder::kAny && option.inheritance == Inheritance::kInherited &&
         option.read_back == ReadBack::kAsSet && option.mptcp == Mptcp::kTaken &&
         option.privilege == Privilege::kNone && option.ipv4.exists() && !option.ipv6.exists() &&
         option.since.empty();
}

}  // namespace

bool Policy::is_consistent(std::size_t size) const {
  const auto begin = reinterpret_cast<const unsigned char*>(this);
  const auto head = static_cast<std::size_t>(storage_ - begin);
  if (size < head || size > sizeof(Policy)) return false;
  if (rule_count_ > kMaxRules || setting_count_ > kMaxSettings || program_count_ > kMaxPatterns ||
      address_count_ > kMaxPatterns || text_size_ > kMaxText || raw_count_ > kMaxRaw ||
      file_count_ > kMaxFiles || log_level_ > LogLevel::kDebug) {
    return false;
  }
  for (int i = 0; i < kParts; ++i) {
    if (at_[i] % 8 != 0 || !lies_within(at_[i], bytes_in(static_cast<Part>(i)), size - head)) {
      return false;
    }
  }
  const auto holds_text = [this](TextRange range) {
    return lies_within(range.first, range.count, text_size_);
  };
  for (std::size_t i = 0; i < raw_count_; ++i) {
    if (!is_sound_raw(raw_options()[i])) return false;
  }
  for (std::size_t i = 0; i < file_count_; ++i) {
    if (!holds_text(files()[i].path)) return false;
  }
  for (std::size_t i = 0; i < rule_count_; ++i) {
    const Rule& rule = this->rule(i);
    const bool names_file = rule.kind == Rule::Kind::kVariables || rule.file < file_count_;
    if (!is_boolean(rule.enforces) || rule.state > Rule::State::kForZmq) return false;
    if (rule.kind > Rule::Kind::kVariables || !names_file || !holds_text(rule.name) ||
        !lies_within(rule.programs.first, rule.programs.count, program_count_) ||
        !lies_within(rule.listens.first, rule.listens.count, address_count_) ||
        !lies_within(rule.connects.first, rule.connects.count, address_count_)) {
      return false;
    }
  }
  for (std::size_t i = 0; i < program_count_; ++i) {
    if (!is_boolean(programs()[i].excludes) || !holds_text(programs()[i].glob)) return false;
  }
  for (std::size_t i = 0; i < address_count_; ++i) {
    const AddressPattern& pattern = addresses()[i];
    if (!is_boolean(pattern.excludes)) return false;
    if (pattern.family > Address::Family::kIpv6 || pattern.prefix > 128) return false;
  }
  for (const Setting& setting : *this) {
    if (!is_boolean(setting.keeps_default) || !is_boolean(setting.ignores) ||
        setting.option >= option_count() || setting.rule >= rule_count_ ||
        setting.preset > kPresets.size() || setting.value.size > Value::kMaxBytes) {
      return false;
    }
  }
  return true;
}

}  // namespace sockopt
