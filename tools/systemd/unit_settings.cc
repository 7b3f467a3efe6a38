// SPDX-License-Identifier: MIT
#include "tools/systemd/unit_settings.h"

#include <strings.h>

#include <algorithm>
#include <utility>

namespace sockopt {

void UnitSettings::add(const std::string& path, const std::vector<UnitAssignment>& assignments) {
  for (const UnitAssignment& one : assignments) {
    entries_.push_back({one.section, one.key, {one.value, path, one.line}});
  }
}

std::vector<UnitValue> UnitSettings::list(std::string_view section, std::string_view key) const {
  std::vector<UnitValue> values;
  for (const Entry& entry : entries_) {
    if (entry.section != section || entry.key != key) continue;
    if (entry.value.text.empty()) {
      values.clear();
    } else {
      values.push_back(entry.value);
    }
  }
  return values;
}

std::vector<std::string> UnitSettings::words(std::string_view section, std::string_view key) const {
  std::vector<std::string> words;
  for (const UnitValue& value : list(section, key)) {
    for (std::string& word : split_unit_words(value.text)) words.push_back(std::move(word));
  }
  return words;
}

UnitValue UnitSettings::last(std::string_view section, std::string_view key) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return entry.section == section && entry.key == key;
  });
  return found == entries_.rend() ? UnitValue() : found->value;
}

bool UnitSettings::is_on(std::string_view section, std::string_view key, bool otherwise) const {
  const std::string text = last(section, key).text;
  const auto is_one_of = [&](const auto&... words) {
    return ((::strcasecmp(text.c_str(), words) == 0) || ...);
  };
  if (is_one_of("1", "yes", "y", "true", "t", "on")) return true;
  if (is_one_of("0", "no", "n", "false", "f", "off")) return false;
  return otherwise;
}

std::vector<AssignedVariable> environment_of(const UnitSettings& settings, std::string_view section,
                                             std::string_view key) {
  std::vector<AssignedVariable> variables;
  for (const UnitValue& value : settings.list(section, key)) {
    for (const std::string& word : split_unit_words(value.text)) {
      const auto variable = parse_unit_variable(word);
      if (!variable) continue;
      std::erase_if(variables, [&](const AssignedVariable& earlier) {
        return earlier.variable.name == variable->name;
      });
      variables.push_back({*variable, value});
    }
  }
  return variables;
}

const AssignedVariable* find_variable(const std::vector<AssignedVariable>& variables,
                                      std::string_view name) {
  for (const AssignedVariable& one : variables) {
    if (one.variable.name == name) return &one;
  }
  return nullptr;
}

}  // namespace sockopt
