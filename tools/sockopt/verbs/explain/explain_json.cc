// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/explain/explain_json.h"

#include <nlohmann/json.hpp>

#include "tools/sockopt/bpf/engine_outlook.h"
#include "tools/sockopt/live/probe.h"
#include "tools/sockopt/policy/kernel_value.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/finding_json.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

using Json = nlohmann::ordered_json;

// Null: `default`, the kernel's own.
Json value_json(const Policy& policy, const Setting& setting) {
  if (setting.ignores) return value_text(policy, setting);
  if (setting.keeps_default) return nullptr;
  return kernel_value_json(policy.option(setting.option), setting.value);
}

Json question_json(const SocketQuestion& question) {
  Json json = {{"program", nullptr}, {"side", nullptr}, {"address", nullptr}};
  if (question.program != nullptr) json["program"] = printable(question.program->name());
  if (!question.side) return json;
  TextOf<64> address;
  format_address(question.address, address);
  json["side"] = *question.side == Side::kListen ? "listen" : "connect";
  json["address"] = address.view();
  return json;
}

Json setting_json(const Policy& policy, const ExplainedSetting& explained,
                  const SocketQuestion& question, bool is_bpf) {
  const Setting& winner = *explained.winner;
  const Option& option = policy.option(winner.option);
  Json json = {{"value", value_json(policy, winner)},
               {"unit", kernel_unit_json(option)},
               {"from", origin_text(policy, winner)},
               {"overrides", Json::array()},
               {"enforced", policy.rule_of(winner).enforces},
               {"set_at", calls_of(policy, explained, question)},
               {"syscalls_per_connection", calls_per_connection(policy, explained, question)},
               {"here", nullptr},
               {"here_reason", nullptr}};
  if (is_bpf) {
    const KernelVersion kernel = KernelVersion::running();
    const SetBy by = set_by(policy, winner, kernel, question.side);
    const auto limit = engine_limit(policy, winner, kernel, question.side);
    json["set_at"] = engine_calls(option, by, question.side, is_decided_late(policy, explained));
    json["syscalls_per_connection"] = 0;
    json["set_by"] = text_or_null(set_by_word(by));
    json["limit"] = text_or_null(limit ? limit->what : "");
    json["limit_fix"] = text_or_null(limit ? limit->fix : "");
  }
  // The strongest first.
  for (auto it = explained.overruled.rbegin(); it != explained.overruled.rend(); ++it) {
    json["overrides"].push_back(
        {{"value", value_json(policy, **it)}, {"from", origin_text(policy, **it)}});
  }
  if (winner.keeps_default) return json;
  const Probe probe =
      probe_value(option, winner.value, question.address.family == Address::Family::kIpv6);
  if (probe.refusal == 0 && !probe.other_family && probe.held) {
    json["here"] = kernel_value_json(option, probe.held.value);
  }
  json["here_reason"] = text_or_null(probe_text(option, winner.value, probe));
  return json;
}

Json silent_json(const Policy& policy, const SilentRule& silent) {
  return {{"rule", printable(policy.name(*silent.rule))},
          {"file", printable(policy.path(silent.rule->file))},
          {"line", silent.rule->line},
          {"reason", silent.reason},
          {"fix", text_or_null(silent.fix)}};
}

}  // namespace

std::string explanation_json(const Policy& policy, const SocketQuestion& question,
                             const Findings& faults, bool is_bpf) {
  const Explanation explanation = explain(policy, question);
  Json json = {{"schema", "sockopt.explain/1"}, {"host", host_name()}};
  json.update(question_json(question));
  json["engine"] = is_bpf ? "bpf" : "preload";
  json["options"] = Json::object();
  int calls = 0;
  for (const ExplainedSetting& explained : explanation.settings) {
    const std::string key(policy.option(explained.winner->option).key.view());
    json["options"][key] = setting_json(policy, explained, question, is_bpf);
    calls += is_bpf ? 0 : calls_per_connection(policy, explained, question);
  }
  json["syscalls_per_connection"] = calls;
  json["no_match"] = Json::array();
  for (const SilentRule& silent : explanation.silent) {
    json["no_match"].push_back(silent_json(policy, silent));
  }
  json["faults"] = Json::array();
  for (const Finding& fault : faults) json["faults"].push_back(printable(fault.placed()));
  return json.dump(2) + '\n';
}

}  // namespace sockopt
