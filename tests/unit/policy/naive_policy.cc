// SPDX-License-Identifier: MIT
#include "tests/unit/policy/naive_policy.h"

#include <fnmatch.h>

#include <algorithm>

#include "shim/policy/preset.h"

namespace sockopt::test {
namespace {

// Any of those without `!`, if there are such, and none of those with.
template <typename Pattern, typename Matches>
bool list_matches(const std::vector<Pattern>& list, const Matches& matches) {
  const bool asks =
      std::any_of(list.begin(), list.end(), [](const Pattern& p) { return !p.excludes; });
  bool included = !asks;
  for (const Pattern& pattern : list) {
    if (!matches(pattern)) continue;
    if (pattern.excludes) return false;
    included = true;
  }
  return included;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), to_upper);
  return text;
}

template <typename Pattern>
void write_list(std::string& file, const std::string& key, const std::vector<Pattern>& list) {
  bool open = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    file += open ? ", " : key + " = ";
    file += (list[i].excludes ? "!" : "") + list[i].text;
    open = i % 3 != 2;  // longer lists repeat the key
    if (!open) file += "\n";
  }
  if (open) file += "\n";
}

}  // namespace

bool NaiveRule::is_for(const std::string& program) const {
  return !faulty && list_matches(programs, [&](const NaiveGlob& glob) {
    return fnmatch(glob.text.c_str(), program.c_str(), 0) == 0;
  });
}

bool NaiveRule::matches(Side side, const Address& address) const {
  const auto by_address = [&](const NaivePattern& pattern) { return pattern.matches(address); };
  if (!listens.empty()) return side == Side::kListen && list_matches(listens, by_address);
  if (!connects.empty()) return side == Side::kConnect && list_matches(connects, by_address);
  return true;
}

std::optional<std::string> NaiveRule::value(const std::string& key) const {
  std::optional<std::string> found;
  for (const NaiveSetting& setting : settings) {
    if (setting.key == key) found = setting.value;
  }
  if (found || preset.empty()) return found;
  for (const PresetSetting& setting : find_preset(preset)->settings()) {
    if (setting.key.view() == key) return std::string(setting.value.view());
  }
  return std::nullopt;
}

std::string NaivePolicy::file() const {
  std::string text;
  int number = 0;
  for (const NaiveRule& rule : rules) {
    if (rule.kind == NaiveRule::Kind::kVariables) continue;
    text += rule.kind == NaiveRule::Kind::kBase ? "[sockopt]\n"
                                                : "[rule r" + std::to_string(++number) + "]\n";
    if (rule.faulty) text += "listen = example.com\n";
    write_list(text, "program", rule.programs);
    // The preset in the middle of the lines: it is weaker than all of them.
    const std::size_t middle = rule.settings.size() / 2;
    for (std::size_t i = 0; i <= rule.settings.size(); ++i) {
      if (i == middle && !rule.preset.empty()) text += "preset = " + rule.preset + "\n";
      if (i == middle && rule.enforces) text += "enforce = yes\n";
      if (i == rule.settings.size()) break;
      text += rule.settings[i].key + " = " + rule.settings[i].value + "\n";
    }
    write_list(text, "listen", rule.listens);
    write_list(text, "connect", rule.connects);
  }
  return text;
}

std::vector<std::string> NaivePolicy::variables() const {
  std::vector<std::string> entries;
  for (const NaiveRule& rule : rules) {
    if (rule.kind != NaiveRule::Kind::kVariables) continue;
    if (rule.enforces) entries.push_back("SOCKOPT_ENFORCE=1");
    for (const NaiveSetting& setting : rule.settings) {
      entries.push_back("SOCKOPT_" + upper(setting.key) + "=" + setting.value);
    }
  }
  return entries;
}

NaiveDecision NaivePolicy::decide(const std::string& program, Side side,
                                  const Address& address) const {
  NaiveDecision decision;
  for (const std::string& key : naive_keys()) decision[key] = "";
  for (const NaiveRule& rule : rules) {
    if (!rule.is_for(program) || !rule.matches(side, address)) continue;
    for (auto& [key, result] : decision) {
      const auto value = rule.value(key);
      if (value) result = *value == "default" ? "" : *value + (rule.enforces ? "!" : "");
    }
  }
  return decision;
}

NaiveDecision NaivePolicy::base(const std::string& program) const {
  NaivePolicy without = *this;
  std::erase_if(without.rules, [](const NaiveRule& rule) { return rule.has_address(); });
  return without.decide(program, Side::kListen, Address());
}

bool NaivePolicy::waits(const std::string& program, const std::string& key) const {
  bool result = false;
  for (const NaiveRule& rule : rules) {
    if (rule.is_for(program) && rule.value(key)) result = rule.has_address();
  }
  return result;
}

}  // namespace sockopt::test
