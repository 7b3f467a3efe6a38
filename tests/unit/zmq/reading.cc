// SPDX-License-Identifier: MIT
#include "tests/unit/zmq/reading.h"

#include "shim/zmq/environment.h"

namespace sockopt::test {
namespace {

std::string type_words(zmq::TypeSet types) {
  if (types == zmq::kAllTypes) return "all";
  std::string words;
  for (std::size_t i = 0; i < zmq::kTypeCount; ++i) {
    if ((types & zmq::type_bit(i)) == 0) continue;
    words.append(words.empty() ? "" : " ").append(zmq::kTypeNames[i].view());
  }
  return words.empty() ? "none" : words;
}

std::string render_rule(const zmq::Policy& policy, const Rule& rule) {
  std::string all =
      rule.kind == Rule::Kind::kRule ? "[" + std::string(policy.name(rule)) + "]" : "";
  all += (all.empty() ? "" : " ") + type_words(policy.types(rule));
  if (rule.is_void()) all += " void";
  if (rule.enforces) all += " enforces";
  for (std::size_t i = 0; i < rule.programs.count; ++i) {
    const ProgramPattern& pattern = policy.programs()[rule.programs.first + i];
    all.append(pattern.excludes ? " !" : " ").append(policy.glob(pattern));
  }
  return all + '\n';
}

}  // namespace

ZmqConfiguration::ZmqConfiguration(std::string_view text, const std::vector<std::string>& variables,
                                   zmq::SharedFaults shared) {
  zmq::read_configuration(text, "sockopt.ini", *policy_, faults_.sink(), shared);
  if (!variables.empty()) {
    zmq::read_environment(Variables(variables).get(), *policy_, faults_.sink());
  }
}

std::string ZmqConfiguration::rendered() const {
  std::string all;
  for (const std::string& line : faults()) (all += line) += '\n';
  for (std::size_t i = 0; i < policy_->rule_count(); ++i) {
    all += render_rule(*policy_, policy_->rule(i));
    for (const Setting& setting : *policy_) {
      if (setting.rule != i) continue;
      TextOf<600> line;
      line << "= " << policy_->option(setting.option).key.view() << ' ';
      policy_->describe_value(setting, line);
      line << " (";
      policy_->describe_origin(setting, line);
      line << ")\n";
      all += line.view();
    }
  }
  if (policy_->log_level() != LogLevel::kWarn) {
    all.append("= log ").append(log_level_name(policy_->log_level())) += '\n';
  }
  return all;
}

}  // namespace sockopt::test
