// SPDX-License-Identifier: MIT
//
// examine_service_engine: a service that the bpf engine is attached to at each start.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/diagnosis/from_outside.h"
#include "tools/sockopt/diagnosis/start_findings.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/policy/program_names.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/units/accepting_socket.h"
#include "tools/sockopt/units/drop_in.h"
#include "tools/sockopt/units/service_check.h"
#include "tools/sockopt/units/service_start.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

Finding examine_line(const ServiceSubject& subject) {
  for (const UnitValue& line : subject.unit.settings.list("Service", "ExecStartPre")) {
    if (!attaches(line.text)) continue;
    const bool is_to_be_written = subject.planned && line.path == subject.drop_in;
    return Finding::ok("bpf", fmt::format("the bpf engine {} attached at each start ({})",
                                          is_to_be_written ? "would be" : "is",
                                          subject.files.outside(line.place())));
  }
  return Finding::error("bpf", "an empty ExecStartPre= in a later drop-in removes what attaches",
                        fmt::format("rename that drop-in to sort before {}", kDropInName));
}

// The socket unit that opens its listeners, which are in systemd's cgroup then.
std::string socket_of(const ServiceSubject& subject) {
  const UnitSettings& settings = subject.unit.settings;
  for (const auto& [section, key] :
       {std::pair{"Service", "Sockets"}, {"Unit", "Requires"}, {"Unit", "BindsTo"}}) {
    for (const std::string& name : settings.words(section, key)) {
      if (unit_type(name) == "socket") return name;
    }
  }
  const std::string same = subject.unit.name.substr(0, subject.unit.name.rfind('.')) + ".socket";
  const std::string wanted = "/etc/systemd/system/sockets.target.wants/" + same;
  return subject.files.read_link(wanted) ? same : std::string();
}

std::optional<Finding> examine_listeners(const ServiceSubject& subject) {
  const std::string connections = accepting_socket(subject.files, subject.unit.name);
  const std::string socket = connections.empty() ? socket_of(subject) : connections;
  if (socket.empty()) return {};
  return Finding::warning(
      "bpf",
      fmt::format("{} opens its listeners, which belong to systemd's cgroup: the bpf engine does "
                  "not reach them, nor what they accept",
                  socket),
      "the library does: " + enable_command(subject.files, {subject.unit.name}));
}

Findings examine_names(const ServiceSubject& subject, const Policy& policy) {
  const std::vector<std::string> words = started_program(subject.files, subject.unit);
  if (words.empty() || !policy.has_programs()) return {};
  const auto named =
      name_program(subject.files, words, follow_service_scripts(subject.files, words.front()));
  keep_executable(named->program);
  return examine_rules_for(policy, named->program);
}

}  // namespace

bool is_attached_at_start(const SystemdUnit& unit) {
  const auto lines = unit.settings.list("Service", "ExecStartPre");
  return std::any_of(lines.begin(), lines.end(),
                     [](const UnitValue& line) { return attaches(line.text); });
}

Findings examine_service_engine(const ServiceSubject& subject, const ServicePolicy& policy) {
  Findings found = {examine_line(subject)};
  const bool has_programs = policy.policy().has_programs();
  if (subject.files.is_host()) {
    if (auto obstacle = engine_obstacle(has_programs)) {
      obstacle->level = Level::kError;
      found.push_back(*std::move(obstacle));
    }
  }
  if (auto listeners = examine_listeners(subject)) found.push_back(*std::move(listeners));
  append(found, engine_findings(policy.policy(), KernelVersion::running()));
  append(found, examine_names(subject, policy.policy()));
  const bool is_for_zmq = zmq_settings_in_force(policy.zmq()) != 0;
  if (is_for_zmq) found.push_back(left_to_zmq_library());
  if (policy.policy().empty() && !is_for_zmq && policy.faults().empty()) {
    found.push_back(
        Finding::warning("settings", "no file and no SOCKOPT_ variable sets an option",
                         "add settings to " + subject.files.outside(SOCKOPT_DEFAULT_CONFIG)));
  }
  return found;
}

}  // namespace sockopt
