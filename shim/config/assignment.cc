// SPDX-License-Identifier: MIT
#include "shim/config/assignment.h"

#include "shim/options/lookup.h"
#include "shim/options/number.h"
#include "shim/options/suggestion.h"

namespace sockopt {
namespace {

// raw.6.18: level and name as numbers.
OptionId resolve_raw(Policy& policy, std::string_view key, Text& error) {
  const std::string_view numbers = slice(key, 4);
  const std::size_t dot = numbers.find('.');
  const NumberText level = read_integer(slice(numbers, 0, dot));
  const NumberText name =
      read_integer(dot == std::string_view::npos ? std::string_view() : slice(numbers, dot + 1));
  const auto sound = [](const NumberText& read) {
    return read.problem == NumberProblem::kNone && read.number >= 0 && read.number <= INT16_MAX;
  };
  if (!sound(level) || !sound(name)) {
    error.quoted(key)
        << " is not raw.LEVEL.NAME with the numbers of setsockopt(2), such as raw.1.18";
    return kNoOption;
  }
  const int kernel_level = static_cast<int>(level.number);
  const int kernel_name = static_cast<int>(name.number);
  const OptionId known = find_kernel_name(kernel_level, kernel_name);
  if (known != kNoOption) {
    error.quoted(key) << " has its own key: " << kOptions[known].key;
    return kNoOption;
  }
  const OptionId id = policy.add_raw(kernel_level, kernel_name);
  if (id == kNoOption) {
    (error << "no room for ").quoted(key) << ": at most ";
    error.decimal(Policy::kMaxRaw) << " raw options";
  }
  return id;
}

}  // namespace

OptionId resolve_key(Policy& policy, std::string_view key, Text& error, bool suggests) {
  if (key.starts_with("raw.")) return resolve_raw(policy, key, error);
  const OptionId id = find_option(key);
  if (id != kNoOption) return id;
  (error << "unknown option ").quoted(key);
  const std::string_view meant = suggests ? suggest_key(key) : std::string_view();
  if (meant.empty()) {
    error << "; `sockopt options` lists them all";
  } else {
    error << "; did you mean `" << meant << "`?";
  }
  return kNoOption;
}

bool read_value(const Option& option, std::string_view value, Setting& setting, Text& error) {
  if (is_quoted(value)) {
    error << "write it without quotes";
    return false;
  }
  setting.ignores = option.is_socket_option() && means_ignore(value);
  setting.keeps_default = setting.ignores || means_default(value);
  return setting.keeps_default || parse_value(option, value, setting.value, error);
}

bool assign(Policy& policy, OptionId option, std::string_view value, std::uint32_t line,
            std::uint8_t preset, Text& error) {
  Setting setting{};
  setting.option = option;
  setting.line = line;
  setting.preset = preset;
  if (!read_value(policy.option(option), value, setting, error)) return false;
  if (!policy.add(setting)) {
    (error << "too many settings: at most ").decimal(Policy::kMaxFileSettings);
    return false;
  }
  return true;
}

bool is_quoted(std::string_view value) {
  return value.size() > 1 && (value.front() == '"' || value.front() == '\'') &&
         value.back() == value.front();
}

bool parse_boolean(std::string_view text, bool& value, Text& error) {
  Option boolean;
  boolean.kind = Kind::kBoolean;
  Value parsed{};
  if (!parse_value(boolean, text, parsed, error)) return false;
  value = parsed.number(Kind::kBoolean) != 0;
  return true;
}

}  // namespace sockopt
