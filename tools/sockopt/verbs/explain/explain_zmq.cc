// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/explain/explain_zmq.h"

#include <fmt/format.h>
#include <unistd.h>

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "tools/sockopt/policy/kernel_value.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/text_table.h"
#include "tools/sockopt/verb.h"

namespace sockopt {
namespace {

// The setting that won, and those that it overrides, the weakest first.
struct ZmqExplained {
  const Setting* winner = nullptr;
  std::vector<const Setting*> overruled{};
};

// By option, in the order of the table.
std::map<OptionId, ZmqExplained> explain_zmq(const zmq::Policy& policy, int type,
                                             const Program* program) {
  std::map<OptionId, ZmqExplained> explained;
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    const bool is_for_it =
        !rule.is_void() &&
        (policy.types(setting) & zmq::type_bit(static_cast<std::size_t>(type))) != 0 &&
        (program == nullptr ? rule.programs.count == 0 : policy.matches_program(rule, *program));
    if (!is_for_it) continue;
    ZmqExplained& one = explained[setting.option];
    if (one.winner != nullptr) one.overruled.push_back(one.winner);
    one.winner = &setting;
  }
  return explained;
}

std::string zmq_overruled_text(const zmq::Policy& policy, const ZmqExplained& one) {
  if (!one.overruled.empty()) {
    const Setting& last = *one.overruled.back();
    return fmt::format("{} {}", zmq_value_text(policy, last), zmq_origin_text(policy, last));
  }
  const OptionId id = one.winner->option;
  if (one.winner->ignores) return "program's";
  return id < zmq::kOptionCount ? fmt::format("libzmq {}", zmq::kRows[id].manual.initial)
                                : std::string("libzmq's");
}

std::string zmq_names_of(const zmq::Policy& policy,
                         const std::map<OptionId, ZmqExplained>& explained, bool enforced) {
  std::vector<std::string_view> names;
  for (const auto& [id, one] : explained) {
    if (one.winner->keeps_default || policy.rule_of(*one.winner).enforces != enforced) continue;
    names.push_back(policy.option(id).key.view());
  }
  return joined(names);
}

nlohmann::ordered_json zmq_setting_json(const zmq::Policy& policy, const Setting& setting) {
  nlohmann::ordered_json json = {{"value", nullptr}, {"from", zmq_origin_text(policy, setting)}};
  if (setting.ignores) json["value"] = "ignore";
  if (!setting.keeps_default) json["value"] = setting.value.number(Kind::kCount);
  return json;
}

}  // namespace

int zmq_type_of(const std::string& word) {
  const std::size_t type = zmq::find_type(word);
  if (type != zmq::kTypeCount) return static_cast<int>(type);
  throw UsageError(
      fmt::format("--zmq {}: takes a type of ZeroMQ's sockets, such as req, rep, dealer, router",
                  printable(word, 80)));
}

void print_zmq_explanation(Output& out, const EffectivePolicy& effective, int type,
                           const Program* program) {
  const zmq::Policy& policy = effective.zmq();
  const auto explained = explain_zmq(policy, type, program);
  TextTable table({{"OPTION"}, {"VALUE"}, {"FROM", 0, 16}, {"OVERRIDES", 1, 12}});
  for (const auto& [id, one] : explained) {
    table.add({std::string(policy.option(id).key.view()), zmq_value_text(policy, *one.winner),
               zmq_origin_text(policy, *one.winner), zmq_overruled_text(policy, one)});
  }
  if (explained.empty()) {
    out.print("nothing is set on this socket\n");
  } else {
    table.print(out, Style::of(STDOUT_FILENO), terminal_width(STDOUT_FILENO));
  }
  if (const std::string names = zmq_names_of(policy, explained, true); !names.empty()) {
    out.print("enforced, whatever the program sets: {}\n", names);
  }
  if (const std::string names = zmq_names_of(policy, explained, false); !names.empty()) {
    out.print("not enforced, the program's own value wins: {}\n", names);
  }
}

std::string zmq_explanation_json(const EffectivePolicy& effective, int type,
                                 const Program* program) {
  using Json = nlohmann::ordered_json;
  const zmq::Policy& policy = effective.zmq();
  Json json = {{"schema", "sockopt.explain/1"},
               {"host", host_name()},
               {"program", nullptr},
               {"zmq", zmq::kTypeNames[type].view()},
               {"options", Json::object()},
               {"faults", Json::array()}};
  if (program != nullptr) json["program"] = printable(program->name());
  for (const auto& [id, one] : explain_zmq(policy, type, program)) {
    Json option = zmq_setting_json(policy, *one.winner);
    option["unit"] = kernel_unit_json(policy.option(id));
    option["enforced"] = policy.rule_of(*one.winner).enforces;
    option["overrides"] = Json::array();
    // The strongest first.
    for (auto it = one.overruled.rbegin(); it != one.overruled.rend(); ++it) {
      option["overrides"].push_back(zmq_setting_json(policy, **it));
    }
    json["options"][std::string(policy.option(id).key.view())] = std::move(option);
  }
  for (const Finding& fault : effective.faults()) {
    json["faults"].push_back(printable(fault.placed()));
  }
  return json.dump(2) + '\n';
}

}  // namespace sockopt
