// SPDX-License-Identifier: MIT
#include <ctime>
#include <nlohmann/json.hpp>

#include "tools/inspect/endpoint.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/live/unreadable_process.h"
#include "tools/sockopt/verbs/watch/watch_reports.h"

namespace sockopt {
namespace {

void print_event(Output& out, std::string_view event, const nlohmann::ordered_json& details) {
  nlohmann::ordered_json json = {
      {"schema", "sockopt.watch/1"}, {"event", event}, {"time", std::time(nullptr)}};
  json.update(details);
  out.write(json.dump() + '\n');
}

}  // namespace

void WatchJson::on_attached(const Attachment& attachment, const std::vector<std::string>& options) {
  print_event(out(), "attached",
              {{"cgroup", printable(attachment.directory)},
               {"cgroup_id", attachment.cgroup},
               {"readable", attachment.policy != nullptr},
               {"options", options}});
}

void WatchJson::on_detached(const std::string& directory) {
  print_event(out(), "detached", {{"cgroup", printable(directory)}});
}

void WatchJson::on_idle() { print_event(out(), "idle", nlohmann::ordered_json::object()); }

void WatchJson::on_lost(std::uint64_t events) { print_event(out(), "lost", {{"count", events}}); }

void WatchJson::on_connections_lost(std::uint64_t events) {
  print_event(out(), "connections_lost", {{"count", events}});
}

void WatchJson::on_not_found(const Endpoint& address) {
  print_event(out(), "not_found", {{"address", address.text()}});
}

void WatchJson::print(const ChangeLog& log) {
  for (const ChangeGroup& group : log.groups()) {
    print_event(out(), "changed", group_json(group));
  }
}

void WatchJson::print(const std::vector<UnreadableProcess>& unreadable) {
  if (unreadable.empty()) return;
  print_event(out(), "unreadable", {{"processes", unreadable_json(unreadable)}});
}

}  // namespace sockopt
