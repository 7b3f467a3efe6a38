// SPDX-License-Identifier: MIT
#include "shim/config/environment.h"

#include "shim/config/assignment.h"
#include "shim/options/lookup.h"
#include "shim/options/suggestion.h"
#include "shim/policy/preset.h"

namespace sockopt {
namespace {

constexpr std::string_view kLibraryName = "libsockopt.so";
constexpr std::string_view kRawPrefix = "RAW_";

// Our variables that are not options.
constexpr FixedText<8> kOwnNames[] = {"DISABLE", "CONFIG", "LOG", "ENFORCE", "PRESET", "GIVEN"};

struct Variable {
  std::string_view name;  ///< without SOCKOPT_
  std::string_view value;
};

// What follows `beginning` in `entry`, null where it begins otherwise. Most entries do, and are
// told by a letter or two.
const char* behind(const char* entry, std::string_view beginning) {
  for (const char c : beginning) {
    if (*entry++ != c) return nullptr;
  }
  return entry;
}

// The variable in `text`, if it is one of ours that is set.
bool is_ours(const char* text, Variable& variable) {
  if (behind(text, kVariablePrefix) == nullptr) return false;
  const std::string_view entry(text);
  const std::size_t equals = entry.find('=');
  if (equals == std::string_view::npos || equals + 1 == entry.size()) return false;
  variable = {slice(entry, kVariablePrefix.size(), equals - kVariablePrefix.size()),
              slice(entry, equals + 1)};
  return true;
}

// Kubernetes gives every container the address of a service called `sockopt`:
// SOCKOPT_SERVICE_HOST, SOCKOPT_PORT, SOCKOPT_PORT_80_TCP_ADDR ...
bool is_injected(std::string_view name) {
  return name == "PORT" || name.starts_with("PORT_") || name == "SERVICE" ||
         name.starts_with("SERVICE_");
}

bool is_own_name(std::string_view name) {
  for (const auto& own : kOwnNames) {
    if (own == name) return true;
  }
  return false;
}

// KEEPIDLE -> keepidle, RAW_6_18 -> raw.6.18, in `out`.  Lower case, or RAW_6.18, is not a variable
// of ours: there is one spelling, as everywhere.
bool key_of(std::string_view name, Text& out) {
  const bool raw = name.starts_with(kRawPrefix);
  for (const char c : name) {
    if (c != to_upper(c) || c == '.') return false;
    out << (raw && c == '_' ? '.' : to_lower(c));
  }
  return !out.was_cut();
}

void report(FaultSink faults, std::string_view message) {
  faults({kEnvironmentSource, 0, 0, 0, message});
}

void report_unknown(std::string_view name, FaultSink faults) {
  if (!faults.is_shown()) return report(faults, name);
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
  report(faults, message.view());
}

// Whether `given`, the SOCKOPT_GIVEN of `sockopt run`, has this NAME=VALUE: it is a list of them,
// each with a space before it.
[[gnu::noinline]] bool is_given(std::string_view variable, std::string_view given) {
  for (; given.size() > variable.size(); given.remove_prefix(1)) {
    if (given[0] != ' ' || !slice(given, 1).starts_with(variable)) continue;
    if (given.size() == variable.size() + 1 || given[variable.size() + 1] == ' ') return true;
  }
  return false;
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
    if (!message.empty()) return report(faults, message.view());
    if (!is_injected(variable.name)) report_unknown(variable.name, faults);
    return;
  }
  message << kVariablePrefix << variable.name << '=';
  message.escaped(variable.value, 60) << ": ";
  if (!assign(policy, option, variable.value, line, 0, message)) {
    report(faults, message.view());
  }
}

// The boolean in a variable: false if unset, `otherwise` if it is not a boolean.
bool read_switch(const EnvironmentView& environment, std::string_view name, bool otherwise,
                 std::string_view consequence, FaultSink faults) {
  const std::string_view value = get_variable(environment, name);
  if (value.empty()) return false;
  bool on = false;
  TextOf<160> message;
  message << name << '=';
  message.escaped(value, 60) << ": ";
  if (parse_boolean(value, on, message)) return on;
  message << consequence;
  report(faults, message.view());
  return otherwise;
}

// Weaker than the variables of single options.
void read_preset(std::string_view value, std::uint32_t line, Policy& policy, FaultSink faults) {
  const Preset* preset = find_preset(value);
  TextOf<256> message;
  message << "SOCKOPT_PRESET=";
  message.escaped(value, 60) << ": ";
  if (preset == nullptr) {
    message << "takes " << kPresetNames;
    return report(faults, message.view());
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
  report(faults, message.view());
}

}  // namespace

EnvironmentView::EnvironmentView(const char* begin, const char* end) {
  while (begin < end && end[-1] != '\0') --end;
  text_ = {begin, static_cast<std::size_t>(end - begin)};
}

EnvironmentView::Iterator& EnvironmentView::Iterator::operator++() {
  if (array_ != nullptr) {
    ++array_;
  } else {
    text_.remove_prefix(text_.find('\0') + 1);
  }
  return *this;
}

std::string_view get_variable(const EnvironmentView& environment, std::string_view name) {
  for (const char* entry : environment) {
    const char* rest = behind(entry, name);
    if (rest != nullptr && *rest == '=') return rest + 1;
  }
  return {};
}

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
    return report(faults, "too many rules; the variables are ignored");
  }
  policy.current_rule().enforces = read_switch(environment, "SOCKOPT_ENFORCE", false, {}, faults);
  const std::string_view given = get_variable(environment, kGivenVariable);
  // A variable's value is behind its name.
  const auto line_of = [&](const char* name, std::string_view value) {
    const std::string_view text(name, static_cast<std::size_t>(value.end() - name));
    return is_given(text, given) ? kOnCommandLine : 0;
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
