// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/zmq_policy.h"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <utility>

#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

// Of the table alone.
const zmq::Policy& empty_zmq_policy() {
  static const auto policy = std::make_unique<zmq::Policy>();
  return *policy;
}

}  // namespace

std::string zmq_value_text(const zmq::Policy& policy, const Setting& setting) {
  TextOf<256> text;
  policy.describe_value(setting, text);
  return std::string(text.view());
}

std::string zmq_origin_text(const zmq::Policy& policy, const Setting& setting) {
  const Rule& rule = policy.rule_of(setting);
  if (rule.kind == Rule::Kind::kVariables) {
    TextOf<96> text;
    policy.describe_origin(setting, text);
    return std::string(text.view());
  }
  std::string text =
      fmt::format("{}:{}", printable(base_name(policy.path(rule.file))), setting.line);
  if (rule.kind == Rule::Kind::kRule) text += fmt::format(" [{}]", printable(policy.name(rule)));
  return text;
}

std::string zmq_range_text(OptionId row) {
  TextOf<128> text;
  empty_zmq_policy().describe_range(row, text);
  return std::string(text.view());
}

std::string zmq_variable_text(OptionId row) {
  TextOf<64> text;
  empty_zmq_policy().describe_variable(row, text);
  return std::string(text.view());
}

std::size_t zmq_settings_in_force(const zmq::Policy& policy,
                                  const std::function<bool(const Rule&)>& counts) {
  std::set<std::pair<std::size_t, std::size_t>> distinct;
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    if (rule.is_void() || policy.types(setting) == 0 || (counts && !counts(rule))) continue;
    distinct.emplace(setting.rule, setting.option);
  }
  return distinct.size();
}

Finding left_to_zmq_library() {
  return Finding::warning(
      "zmq",
      "what is configured for ZeroMQ's sockets is not set: only libsockopt-zmq.so sets it, in "
      "programs that `sockopt run` or `sockopt enable` starts");
}

Finding zmq_library_missing() {
  return Finding::warning("zmq",
                          "libsockopt-zmq.so is not installed: nothing sets what is configured for "
                          "ZeroMQ's sockets",
                          "install it beside libsockopt.so");
}

bool concerns_zmq_of(const zmq::Policy& policy, const Program& program) {
  return zmq_settings_in_force(
             policy, [&](const Rule& rule) { return policy.matches_program(rule, program); }) != 0;
}

}  // namespace sockopt
