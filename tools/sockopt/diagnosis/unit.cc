// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/unit.h"

#include <fmt/format.h>

#include <exception>

#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/sockopt/units/backing_units.h"
#include "tools/sockopt/units/drop_in_file.h"
#include "tools/systemd/system_call_filter.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

std::string library_in(const FileTree& files) {
  try {
    return find_library_in(files);
  } catch (const std::exception&) {
    return {};  // said where the host is examined
  }
}

// A good state that is worth a line, for it is often the question.
Findings examine_allowed_calls(const SystemdUnit& unit) {
  std::string filter;
  for (const UnitValue& value : unit.settings.list("Service", "SystemCallFilter")) {
    filter += (filter.empty() ? "" : "; ") + value.text;
  }
  if (filter.empty() || socket_option_calls(unit.settings) != CallVerdict::kAllowed) return {};
  return {Finding::ok("sandbox", fmt::format("SystemCallFilter={} allows setsockopt", filter))};
}

Findings examine_loaded(const FileTree& files, const SystemdUnit& unit) {
  const DropInFile drop_in(files, unit.name);
  const ServiceEnvironment environment(files, unit);
  const ServiceSubject subject = {
      files, unit, environment, drop_in.path(), library_in(files), installed_machines()};
  const ServicePolicy policy(subject);
  Findings found;
  for (Finding fault : policy.faults()) {
    const std::string& named = policy.named_file();
    fault.fix =
        !named.empty() && !files.status(named)
            ? fmt::format("write {}, or correct SOCKOPT_CONFIG in the unit", files.outside(named))
            : check_command(named);
    found.push_back(std::move(fault));
  }
  if (is_attached_at_start(unit)) {
    append(found, examine_service_engine(subject, policy));
    return found;
  }
  append(found, examine_service(subject, policy));
  append(found, examine_allowed_calls(unit));
  return found;
}

std::string unmask_command(const FileTree& files, const std::string& unit) {
  if (files.is_host()) return command_text({"systemctl", "unmask", unit});
  return command_text({"systemctl", "--root", files.outside(""), "unmask", unit});
}

}  // namespace

std::optional<Finding> find_unit_problem(
    const FileTree& files, const UnitIndex& index, const SystemdUnit& unit,
    const std::function<std::string(const std::vector<std::string>&)>& for_units) {
  switch (unit.state) {
    case SystemdUnit::State::kLoaded:
      break;
    case SystemdUnit::State::kMissing:
      return Finding::error("unit", "there is no such unit");
    case SystemdUnit::State::kMasked:
      return Finding::error("unit", fmt::format("it is masked by {}", files.outside(unit.path)),
                            unmask_command(files, unit.name));
    case SystemdUnit::State::kUnreadable:
      return Finding::error("unit", unit.faults.front(), "make it readable, as root");
  }
  if (unit_type(unit.name) != "service") {
    return Finding::note("unit", "only a service has processes of its own");
  }
  if (!starts_nothing(unit)) return std::nullopt;
  const std::vector<std::string> others = find_backing_units(files, index, unit);
  if (others.empty()) {
    return Finding::note("unit", "it starts no program that could open a socket");
  }
  return Finding::error("unit", "it is a wrapper unit", for_units(others));
}

Examined examine_unit(const FileTree& files, const std::string& name) {
  const UnitIndex index(files);
  const SystemdUnit unit = load_unit(files, index, name);
  Examined examined{.kind = "unit", .name = unit.name.empty() ? name : unit.name, .found = {}};
  if (unit.state == SystemdUnit::State::kMissing) return examined;
  const auto doctor = [](const std::vector<std::string>& units) {
    std::vector<std::string> words = {"sockopt", "doctor"};
    for (const std::string& one : units) words.insert(words.end(), {"-u", one});
    return command_text(words);
  };
  if (auto problem = find_unit_problem(files, index, unit, doctor)) {
    examined.found.push_back(*std::move(problem));
  } else {
    examined.found = examine_loaded(files, unit);
  }
  return examined;
}

}  // namespace sockopt
