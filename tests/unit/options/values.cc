// SPDX-License-Identifier: MIT
#include "tests/unit/options/values.h"

#include <stdexcept>

#include "shim/options/lookup.h"

namespace sockopt::test {

const Option& option_of(std::string_view key) {
  const OptionId id = find_option(key);
  if (id == kNoOption) throw std::invalid_argument("no such row: " + std::string(key));
  return kOptions[id];
}

Option raw_option() {
  Option option;
  option.key = "raw.6.200";
  option.min = -kIntMax - 1;
  option.max = 0xffffffff;
  option.ipv4 = {IPPROTO_TCP, 200};
  option.hook_points = kAtSocket | kBeforeListen;
  return option;
}

Parsed parse(const Option& option, std::string_view text) {
  Parsed parsed;
  Value value{};
  TextOf<400> error;
  if (parse_value(option, text, value, error)) parsed.value = value;
  parsed.error = std::string(error.view());
  return parsed;
}

std::optional<std::int64_t> number_of(const Option& option, std::string_view text) {
  const Parsed parsed = parse(option, text);
  if (!parsed.value) return std::nullopt;
  return parsed.value->number(option.kind);
}

std::string error_of(const Option& option, std::string_view text) {
  return parse(option, text).error;
}

std::string formatted(const Option& option, const Value& value) {
  TextOf<400> text;
  format_value(option, value, text);
  return std::string(text.view());
}

std::string range_of(const Option& option) {
  TextOf<400> text;
  describe_range(option, text);
  return std::string(text.view());
}

}  // namespace sockopt::test
