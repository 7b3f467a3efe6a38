// SPDX-License-Identifier: MIT
#include "shim/zmq/environment.h"

#include "shim/config/variable.h"
#include "shim/zmq/assignment.h"

namespace sockopt::zmq {
namespace {

constexpr std::string_view kPrefix = "ZMQ_";

void read_option(const Variable& variable, std::uint32_t line, Policy& policy, FaultSink faults) {
  const std::string_view name = slice(variable.name, kPrefix.size());
  TextOf<48> key;
  TextOf<320> message;
  const bool is_key = key_of(name, key);
  const OptionId option = is_key ? resolve_key(policy, key.view(), message) : kNoOption;
  if (option == kNoOption) {
    if (is_others(name)) return;
    if (!is_key || !key.view().starts_with("raw.")) {
      message.clear();
      TextOf<96> full;
      full << kVariablePrefix << variable.name;
      (message << "unknown variable ").quoted(full.view());
      if (const std::string_view meant = suggest_key(name); !meant.empty()) {
        message << "; did you mean `";
        policy.describe_variable(find_key(meant), message);
        message << "`?";
      }
    }
    return report_variable(faults, message.view());
  }
  message << kVariablePrefix << variable.name << '=';
  message.escaped(variable.value, 60) << ": ";
  if (!assign(policy, option, variable.value, line, message))
    report_variable(faults, message.view());
}

}  // namespace

void read_environment(const EnvironmentView& environment, Policy& policy, FaultSink faults) {
  if (!policy.begin_rule(Rule::Kind::kVariables, {}, 0)) return;
  policy.set_types(kAllTypes);
  // What is wrong with these two, TCP's reader says.
  policy.current_rule().enforces = read_switch(environment, "SOCKOPT_ENFORCE", false, {}, {});
  LogLevel level{};
  if (parse_log_level(get_variable(environment, "SOCKOPT_LOG"), level)) policy.set_log_level(level);
  const std::string_view given = get_variable(environment, kGivenVariable);
  for (const char* entry : environment) {
    Variable variable;
    if (!is_ours(entry, variable) || !variable.name.starts_with(kPrefix)) continue;
    read_option(variable, line_of_variable(variable.name.data(), variable.value, given), policy,
                faults);
  }
}

}  // namespace sockopt::zmq
