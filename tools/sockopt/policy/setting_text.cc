// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/setting_text.h"

#include <fmt/format.h>

#include "shim/policy/preset.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

std::string value_text(const Option& option, const Value& value) {
  TextOf<256> text;
  format_value(option, value, text);
  return std::string(text.view());
}

std::string value_text(const Policy& policy, const Setting& setting) {
  if (setting.keeps_default) return "default";
  return value_text(policy.option(setting.option), setting.value);
}

std::string place_text(const Policy& policy, const Setting& setting) {
  const Rule& rule = policy.rule_of(setting);
  if (rule.kind == Rule::Kind::kVariables) {
    const Option& option = policy.option(setting.option);
    if (setting.line == kOnCommandLine) return fmt::format("-o {}", option.key.view());
    return variable_text(option);
  }
  return fmt::format("{}:{}", printable(base_name(policy.path(rule.file))), setting.line);
}

std::string origin_text(const Policy& policy, const Setting& setting) {
  std::string text = place_text(policy, setting);
  const Rule& rule = policy.rule_of(setting);
  if (rule.kind == Rule::Kind::kRule) text += fmt::format(" [{}]", printable(policy.name(rule)));
  const bool from_file = rule.kind != Rule::Kind::kVariables;
  if (from_file && setting.preset != 0) {
    text += fmt::format(" {}", kPresets[setting.preset - 1].name.view());
  }
  return text;
}

}  // namespace sockopt
