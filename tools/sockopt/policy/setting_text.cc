// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/setting_text.h"

#include <fmt/format.h>

#include "shim/policy/preset.h"
#include "tools/inspect/option_reading.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

std::string value_text(const Option& option, const Value& value) {
  return held_value_text(option, value);
}

std::string value_text(const Policy& policy, const Setting& setting) {
  TextOf<256> text;
  policy.describe_value(setting, text);
  return std::string(text.view());
}

std::string place_text(const Policy& policy, const Setting& setting) {
  const Rule& rule = policy.rule_of(setting);
  if (rule.kind == Rule::Kind::kVariables) {
    const Option& option = policy.option(setting.option);
    const bool preset = setting.preset != 0;
    if (setting.line == kOnCommandLine) {
      return fmt::format("-o {}", preset ? "preset" : option.key.view());
    }
    return preset ? std::string(kPresetVariable) : variable_text(option);
  }
  return fmt::format("{}:{}", printable(base_name(policy.path(rule.file))), setting.line);
}

std::string origin_text(const Policy& policy, const Setting& setting) {
  std::string text = place_text(policy, setting);
  const Rule& rule = policy.rule_of(setting);
  if (rule.kind == Rule::Kind::kRule) text += fmt::format(" [{}]", printable(policy.name(rule)));
  if (setting.preset != 0) {
    text += fmt::format(" {}", kPresets[setting.preset - 1].name.view());
  }
  return text;
}

}  // namespace sockopt
