// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/attach/attach_report.h"

#include <nlohmann/json.hpp>

#include "tools/sockopt/bpf/engine_words.h"

namespace sockopt {

void print_attached(Output& out, const AttachReport& report) {
  const KernelVersion kernel = KernelVersion::running();
  const std::vector<std::string> keys = engine_options(report.policy, kernel);
  for (const AttachedCgroup& one : report.cgroups) {
    out.print("{} {} ({}){}: {}\n",
              report.dry_run
                  ? (one.attached.replaced ? "would replace the policy of" : "would be attached to")
                  : (one.attached.replaced ? "replaced the policy of" : "attached to"),
              printable(one.directory), counted(one.processes.size(), "process"),
              keys.empty() ? ", for sockopt watch" : "",
              joined(keys.empty() ? watch_options(report.policy, kernel) : keys, " "));
  }
  if (report.cgroups.empty()) return;
  if (!report.dry_run)
    out.print(
        "Sockets that are bound, listen or connect from now on get these. To remove it: "
        "sockopt detach {}\n",
        report.detach);
  if (report.changes != nullptr) print_changes(out, *report.changes);
}

void print_attached_json(Output& out, const AttachReport& report) {
  const KernelVersion kernel = KernelVersion::running();
  nlohmann::ordered_json attached = nlohmann::ordered_json::array();
  for (const AttachedCgroup& one : report.cgroups) {
    attached.push_back({{"cgroup", printable(one.directory)},
                        {"replaced", one.attached.replaced},
                        {"processes", one.processes.size()},
                        {"hooks", one.attached.hooks}});
  }
  nlohmann::ordered_json json = {{"schema", "sockopt.attach/1"},
                                 {"host", host_name()},
                                 {"dry_run", report.dry_run},
                                 {"attached", std::move(attached)},
                                 {"options", engine_options(report.policy, kernel)},
                                 {"left_to_watch", watch_options(report.policy, kernel)},
                                 {"established", nullptr}};
  if (report.changes != nullptr) {
    json["established"] = nlohmann::ordered_json::parse(changes_json(*report.changes));
    for (const std::string& line : undo_lines(*report.changes)) out.keep(line);
  }
  out.write(json.dump(2) + "\n");
}

}  // namespace sockopt
