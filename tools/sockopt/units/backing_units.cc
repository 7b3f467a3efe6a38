// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/backing_units.h"

#include <algorithm>
#include <array>
#include <set>

#include "shim/text/text.h"
#include "tools/systemd/service_command.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

constexpr std::array<std::string_view, 3> kIdle = {"true", ":", "echo"};

bool is_service(const std::string& name) { return unit_type(name) == "service"; }

bool lists(const SystemdUnit& unit, std::string_view key, const std::string& name) {
  const auto words = unit.settings.words("Unit", key);
  return std::find(words.begin(), words.end(), name) != words.end();
}

// What a template of Debian's PostgreSQL is made an instance of: /etc/postgresql/15/main.
std::set<std::string> postgres_instances(const FileTree& files) {
  std::set<std::string> names;
  const std::string base = "/etc/postgresql";
  for (const std::string& version : files.list(base)) {
    for (const std::string& cluster : files.list(base + "/" + version)) {
      if (files.status(base + "/" + version + "/" + cluster + "/postgresql.conf")) {
        names.insert("postgresql@" + version + "-" + cluster + ".service");
      }
    }
  }
  return names;
}

}  // namespace

bool starts_nothing(const SystemdUnit& unit) {
  const auto commands = service_commands(unit.settings, unit.name);
  return std::all_of(commands.begin(), commands.end(), [](const ServiceCommand& command) {
    const std::string_view name = base_name(command.path);
    return std::find(kIdle.begin(), kIdle.end(), name) != kIdle.end();
  });
}

std::vector<std::string> find_backing_units(const FileTree& files, const UnitIndex& index,
                                            const SystemdUnit& unit) {
  std::set<std::string> found;
  for (const std::string& directory : unit_directories()) {
    for (const char* kind : {".wants/", ".requires/"}) {
      for (const std::string& name : files.list(directory + "/" + unit.name + kind)) {
        if (is_service(name)) found.insert(name);
      }
    }
  }
  for (const char* key : {"Wants", "Requires", "BindsTo"}) {
    for (const std::string& name : unit.settings.words("Unit", key)) {
      if (is_service(name)) found.insert(name);
    }
  }
  std::set<std::string> templates;
  for (const std::string& name : index.names()) {
    if (!is_service(name) || name == unit.name) continue;
    const SystemdUnit other = load_unit(files, index, name);
    if (other.state != SystemdUnit::State::kLoaded || !lists(other, "PartOf", unit.name)) continue;
    (is_unit_template(name) ? templates : found).insert(name);
  }
  for (const std::string& name : templates) {
    const bool has_instance = std::any_of(
        found.begin(), found.end(), [&](const auto& one) { return unit_template(one) == name; });
    if (has_instance) continue;
    const auto instances =
        name == "postgresql@.service" ? postgres_instances(files) : std::set<std::string>();
    instances.empty() ? void(found.insert(name)) : found.insert(instances.begin(), instances.end());
  }
  return {found.begin(), found.end()};
}

}  // namespace sockopt
