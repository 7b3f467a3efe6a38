// SPDX-License-Identifier: MIT
#include "shim/zmq/policy.h"

#include "shim/options/value.h"

namespace sockopt::zmq {

OptionId Policy::find(int number) const {
  for (std::size_t id = 0; id < option_count(); ++id) {
    if (option(static_cast<OptionId>(id)).ipv4.name == number) return static_cast<OptionId>(id);
  }
  return kNoOption;
}

OptionId Policy::add_raw(int number) {
  const OptionId known = find(number);
  if (known != kNoOption || raw_count_ == kMaxRaw) return known;
  Option& option = raw_[raw_count_];
  option = Option{};
  Text key(option.key.characters, sizeof option.key.characters - 1);
  (key << "raw.").decimal(number);
  option.min = -kIntMax - 1;
  option.max = 0xffffffff;
  option.ipv4 = {kNoLevel, static_cast<std::int16_t>(number)};
  return static_cast<OptionId>(kOptionCount + raw_count_++);
}

void Policy::describe_value(const Setting& setting, Text& out) const {
  if (setting.keeps_default) {
    out << (setting.ignores ? "ignore" : "default");
  } else if (has_minus_one(setting.option) && setting.value.number(Kind::kCount) == -1) {
    out << "-1";
  } else {
    format_value(option(setting.option), setting.value, out);
  }
}

void Policy::describe_origin(const Setting& setting, Text& out) const {
  const Rule& rule = rule_of(setting);
  if (rule.kind != Rule::Kind::kVariables) {
    (out.escaped(path(rule.file)) << ':').unsigned_decimal(setting.line);
  } else if (setting.line == kOnCommandLine) {
    out << "-o " << kKeyPrefix << option(setting.option).key;
  } else {
    describe_variable(setting.option, out);
  }
}

void Policy::describe_range(OptionId id, Text& out) const {
  sockopt::describe_range(option(id), out);
  if (has_minus_one(id)) out << " or -1";
}

void Policy::describe_variable(OptionId id, Text& out) const {
  out << "SOCKOPT_ZMQ_";
  for (const char c : option(id).key.view()) out << (c == '.' ? '_' : to_upper(c));
}

}  // namespace sockopt::zmq
