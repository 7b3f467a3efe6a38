// SPDX-License-Identifier: MIT
//
// What `apply` did, for programs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/inspect/option_reading.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/live/undo.h"
#include "tools/sockopt/policy/kernel_value.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

using nlohmann::ordered_json;

ordered_json reading_json(const Option& option, const OptionReading& reading) {
  return reading ? kernel_value_json(option, reading.value) : ordered_json(nullptr);
}

std::string_view outcome_word(Outcome outcome) {
  constexpr std::string_view kWords[] = {"changed", "refused", "too late", "kept", "vanished"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Outcome::kVanished) + 1);
  return kWords[static_cast<std::size_t>(outcome)];
}

ordered_json change_json(const Policy& policy, const OptionChange& change) {
  const Option& option = policy.option(change.option);
  ordered_json json;
  json["outcome"] = outcome_word(change.outcome);
  json["before"] = reading_json(option, change.before);
  json["after"] = change.outcome == Outcome::kChanged ? reading_json(option, change.after)
                                                      : ordered_json(nullptr);
  json["asked"] =
      change.follows_tos ? ordered_json(nullptr) : kernel_value_json(option, change.setting->value);
  json["unit"] = kernel_unit_json(option);
  json["from"] = origin_text(policy, *change.setting);
  const std::string reason = reason_text(option, change);
  json["reason"] = reason.empty() ? ordered_json(nullptr) : ordered_json(reason);
  json["undone_by_value"] =
      change.outcome == Outcome::kChanged && change.obstacle == UndoObstacle::kNone;
  return json;
}

ordered_json socket_json(const ChangedSocket& socket) {
  ordered_json json;
  json["cookie"] = fmt::format("{:x}", socket.cookie);
  json["peer"] = socket.peer.exists() ? ordered_json(socket.peer.text()) : ordered_json(nullptr);
  json["owners"] = ordered_json::array();
  for (const SocketOwner& owner : socket.owners) {
    json["owners"].push_back({{"pid", owner.pid}, {"fd", owner.fd}});
  }
  return json;
}

ordered_json self_setting_json(const SelfSetting& self) {
  const Option& option = kOptions[self.option];
  return {{"program", printable(self.program)},
          {"option", option.key.view()},
          {"value", reading_json(option, self.value)},
          {"asked", kernel_value_json(option, self.setting->value)},
          {"connections", self.connections},
          {"looked_at", self.looked_at}};
}

}  // namespace

ordered_json group_json(const ChangeGroup& group) {
  const Policy& policy = *group.policy;
  ordered_json json;
  json["role"] = role_name(group.role);
  json["state"] = state_name(group.state);
  json["address"] = group.address.text();
  json["program"] = printable(group.program);
  json["unit"] = group.unit.empty() ? ordered_json(nullptr) : ordered_json(printable(group.unit));
  json["options"] = ordered_json::object();
  for (const OptionChange& change : group.changes) {
    json["options"][std::string(policy.option(change.option).key.view())] =
        change_json(policy, change);
  }
  json["sockets"] = ordered_json::array();
  for (const ChangedSocket& socket : group.sockets) json["sockets"].push_back(socket_json(socket));
  return json;
}

std::string changes_json(const ChangeReport& report) {
  const ChangeLog& log = report.applied.log();
  ordered_json json;
  json["schema"] = "sockopt.apply/1";
  json["host"] = host_name();
  json["dry_run"] = report.mode == Mode::kDryRun;
  json["changed"] = log.changed();
  json["failed"] = log.failed();
  json["settled"] = log.settled();
  json["failed_in_part"] = log.in_part();
  json["kept"] = log.kept();
  json["connections_left_alone"] = log.left_alone();
  json["set_nowhere"] = report.applied.not_taken();
  json["groups"] = ordered_json::array();
  for (const ChangeGroup& group : log.groups()) {
    json["groups"].push_back(group_json(group));
  }
  json["sets_itself"] = ordered_json::array();
  for (const SelfSetting& self : report.applied.self_settings().found()) {
    json["sets_itself"].push_back(self_setting_json(self));
  }
  // Without a connection that would show it.
  for (const SelfSetting& self : report.applied.self_settings().predicted()) {
    json["sets_itself"].push_back(self_setting_json(self));
  }
  json["not_looked_at"] = ordered_json::array();
  for (const auto& [program, unknown] : report.applied.self_settings().unknown()) {
    ordered_json keys = ordered_json::array();
    for (const OptionId id : unknown.options) keys.push_back(kOptions[id].key.view());
    ordered_json listeners = ordered_json::array();
    for (const Endpoint& listener : unknown.listeners) listeners.push_back(listener.text());
    json["not_looked_at"].push_back(
        {{"program", printable(program)}, {"options", keys}, {"listeners", listeners}});
  }
  json["not_named"] = ordered_json::array();
  for (const ProcessEntry& child : report.applied.children()) {
    json["not_named"].push_back({{"pid", child.pid}, {"program", printable(child.name)}});
  }
  json["enforced_otherwise"] = ordered_json::array();
  for (const Reversal& one : report.applied.reversals()) {
    json["enforced_otherwise"].push_back({{"program", printable(one.program)},
                                          {"option", kOptions[one.option].key.view()},
                                          {"value", printable(one.value)},
                                          {"from", printable(one.from)}});
  }
  json["undo"] = ordered_json::array();
  if (report.mode == Mode::kChange) json["undo"] = undo_commands(log);
  json["not_undone"] = ordered_json::array();
  if (report.mode == Mode::kChange) json["not_undone"] = lasting_changes(log);
  json["unreadable"] = unreadable_json(report.applied.unreadable());
  return json.dump(2) + '\n';
}

}  // namespace sockopt
