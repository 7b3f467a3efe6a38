// SPDX-License-Identifier: MIT
#include "shim/config/environment.h"

#include "shim/config/assignment.h"
#include "shim/config/variable.h"
#include "shim/options/lookup.h"
#include "shim/options/suggestion.h"
#include "shim/policy/preset.h"

namespace sockopt {
namespace {

constexpr std::string_view kLibraryName = "libsockopt.so";

// Our variables that are not options.
constexpr FixedText<8> kOwnNames[] = {"DISABLE", "CONFIG", "LOG", "ENFORCE", "PRESET", "GIVEN"};

bool is_own_name(std::string_view name) {
  for (const auto& own : kOwnNames) {
    if (own == name) return true;
  }
  return false;
}

void report_unknown(std::string_view name, FaultSink faults) {
  if (!faults.is_shown()) return report_variable(faults, name);
  TextOf<256> message;
  message << "unknown variable ";
  TextOf<96> full;
  full << kVariablePrefix << name;
  message.quoted(full.view());
  if (const std::string_view meant = suggest_key(name); !meant.empty()) {
    TextOf<96> variable;
    variable_name(kOptions[find_option(meant)], variable);
    message << "; did you mean `" << variable.view() << "`?";
  } else if (const std::string_view own = nearest(name, kOwnNames); !own.empty()) {
    message << "; did you mean `" << kVariablePrefix << own << "`?";
  }
  report_variable(faults, message.view());
}

void read_option(const Variable& variable, std::uint32_t line, Policy& policy, FaultSink faults) {
  TextOf<48> key;
  TextOf<256> message;
  OptionId option = kNoOption;
  if (key_of(variable.name, key)) {
    option = key.view().starts_with("raw.") ? resolve_key(policy, key.view(), message)
                                            : find_option(key.view());
  }
  if (option == kNoOption) {
    if (!message.empty()) return report_variable(faults, message.view());
    if (!is_others(variable.name)) report_unknown(variable.name, faults);
    return;
  }
  message << kVariablePrefix << variable.name << '=';
  message.escaped(variable.value, 60) << ": ";
  if (!assign(policy, option, variable.value, line, 0, message)) {
    report_variable(faults, message.view());
  }
}

// Weaker than the variables of single options.
void read_preset(std::string_view value, std::uint32_t line, Policy& policy, FaultSink faults) {
  const Preset* preset = find_preset(value);
  TextOf<256> message;
  message << "SOCKOPT_PRESET=";
  message.escaped(value, 60) << ": ";
  if (preset == nullptr) {
    message << "takes " << kPresetNames;
    return report_variable(faults, message.view());
  }
  for (const PresetSetting& setting : preset->settings()) {
    assign(policy, find_option(setting.key), setting.value, line, preset_number(*preset), message);
  }
}

void read_log_level(std::string_view value, Policy& policy, FaultSink faults) {
  LogLevel level{};
  if (parse_log_level(value, level)) return policy.set_log_level(level);
  TextOf<160> message;
  message << "SOCKOPT_LOG=";
  message.escaped(value, 60) << ": takes " << kLogLevels;
  report_variable(faults, message.view());
}

}  // namespace

bool names_library(std::string_view preload, std::string_view library) {
  while (!preload.empty()) {
    const std::size_t end = preload.find_first_of(": ");
    const std::string_view entry = slice(preload, 0, end);
    preload.remove_prefix(end == std::string_view::npos ? preload.size() : end + 1);
    // By base name: the path may be relative, or hold $LIB or $ORIGIN.
    const std::string_view name = base_name(entry);
    if (!name.empty() && (name == kLibraryName || name == base_name(library))) return true;
  }
  return false;
}

bool is_disabled(const EnvironmentView& environment, FaultSink faults) {
  // A malformed value disables: somebody wanted the library out of the way.
  return read_switch(environment, "SOCKOPT_DISABLE", true, "; the library is disabled", faults);
}

void read_environment(const EnvironmentView& environment, Policy& policy, FaultSink faults) {
  if (!policy.begin_rule(Rule::Kind::kVariables, {}, 0)) {
    return report_variable(faults, "too many rules; the variables are ignored");
  }
  policy.current_rule().enforces = read_switch(environment, "SOCKOPT_ENFORCE", false, {}, faults);
  const auto line_of = [given = get_variable(environment, kGivenVariable)](const char* name,
                                                                           std::string_view value) {
    return line_of_variable(name, value, given);
  };
  const std::string_view preset = get_variable(environment, "SOCKOPT_PRESET");
  if (!preset.empty()) {
    constexpr std::size_t kBefore = std::string_view("PRESET=").size();
    read_preset(preset, line_of(preset.data() - kBefore, preset), policy, faults);
  }
  for (const char* entry : environment) {
    Variable variable;
    if (!is_ours(entry, variable)) continue;
    if (variable.name == "LOG") {
      read_log_level(variable.value, policy, faults);
    } else if (!is_own_name(variable.name)) {
      read_option(variable, line_of(variable.name.data(), variable.value), policy, faults);
    }
  }
}

}  // namespace sockopt
