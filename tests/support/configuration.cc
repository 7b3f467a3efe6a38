// SPDX-License-Identifier: MIT
#include "tests/support/configuration.h"

#include <arpa/inet.h>

#include <utility>

#include "shim/config/environment.h"
#include "shim/config/reader.h"

namespace sockopt::test {
namespace {

std::string render_address(const AddressPattern& pattern) {
  std::string text = pattern.excludes ? "!" : "";
  if (pattern.is_any_address()) {
    text += "any";
  } else {
    char address[INET6_ADDRSTRLEN] = {};
    const bool ipv4 = pattern.family == Address::Family::kIpv4;
    inet_ntop(ipv4 ? AF_INET : AF_INET6, pattern.bytes, address, sizeof address);
    (text += address) += '/' + std::to_string(pattern.prefix);
  }
  return text + " port " + std::to_string(pattern.first_port) + '-' +
         std::to_string(pattern.last_port);
}

std::string render_rule(const Policy& policy, const Rule& rule) {
  std::string all;
  if (rule.kind == Rule::Kind::kRule) all += "[" + std::string(policy.name(rule)) + "]\n";
  if (rule.is_void()) all += "  void\n";
  if (rule.enforces) all += "  enforces\n";
  for (std::size_t i = 0; i < rule.programs.count; ++i) {
    const ProgramPattern& pattern = policy.programs()[rule.programs.first + i];
    all += "  program " + std::string(pattern.excludes ? "!" : "") +
           std::string(policy.glob(pattern)) + '\n';
  }
  for (std::size_t i = 0; i < rule.listens.count; ++i) {
    all += "  listen " + render_address(policy.addresses()[rule.listens.first + i]) + '\n';
  }
  for (std::size_t i = 0; i < rule.connects.count; ++i) {
    all += "  connect " + render_address(policy.addresses()[rule.connects.first + i]) + '\n';
  }
  return all;
}

std::string render_setting(const Policy& policy, const Setting& setting) {
  const Option& option = policy.option(setting.option);
  TextOf<600> line;
  line << "= " << option.key.view() << ' ';
  policy.describe_value(setting, line);
  line << " (";
  policy.describe_origin(setting, line);
  line << ")\n";
  return std::string(line.view());
}

}  // namespace

void FaultList::take(void* self, const Fault& fault) {
  std::string line(fault.source);
  if (fault.line != 0) line += ':' + std::to_string(fault.line);
  if (fault.column != 0) line += ':' + std::to_string(fault.column);
  if (fault.length != 0) line += '+' + std::to_string(fault.length);
  static_cast<FaultList*>(self)->lines_.push_back(line + ": " + std::string(fault.message));
}

Variables::Variables(std::vector<std::string> entries) : entries_(std::move(entries)) {
  for (const std::string& entry : entries_) pointers_.push_back(entry.c_str());
  pointers_.push_back(nullptr);
}

Configuration::Configuration(std::string_view text, const std::vector<std::string>& variables,
                             std::string_view source)
    : policy_(std::make_unique<Policy>()) {
  read_configuration(text, source, *policy_, faults_.sink());
  read_environment(Variables(variables).get(), *policy_, faults_.sink());
}

std::string Configuration::fault() const {
  if (faults().size() == 1) return faults().front();
  std::string all = std::to_string(faults().size()) + " faults";
  for (const std::string& line : faults()) all += '\n' + line;
  return all;
}

std::string Configuration::rendered() const {
  std::string all;
  for (const std::string& line : faults()) (all += line) += '\n';
  return all + render_policy(*policy_);
}

std::string render_policy(const Policy& policy) {
  std::string all;
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    all += render_rule(policy, policy.rule(i));
    for (const Setting& setting : policy) {
      if (setting.rule == i) all += render_setting(policy, setting);
    }
  }
  if (policy.log_level() != LogLevel::kWarn) {
    ((all += "= log ") += log_level_name(policy.log_level())) += '\n';
  }
  return all;
}

}  // namespace sockopt::test
