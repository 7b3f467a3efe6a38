// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/started_service.h"

#include <string_view>

#include "tools/systemd/specifiers.h"
#include "tools/systemd/unit.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {

std::string started_service(const FileTree& files, const UnitIndex& index,
                            const std::string& name) {
  struct Starter {
    std::string_view type;
    const char* section;
    const char* key;
  };
  constexpr Starter kStarters[] = {
      {"socket", "Socket", "Service"}, {"timer", "Timer", "Unit"}, {"path", "Path", "Unit"}};
  for (const Starter& starter : kStarters) {
    if (unit_type(name) != starter.type) continue;
    const SystemdUnit unit = load_unit(files, index, name);
    const std::string named = unit.settings.last(starter.section, starter.key).text;
    const bool per_connection = unit.settings.is_on("Socket", "Accept");
    const std::string same =
        unit.name.substr(0, unit.name.rfind('.')) + (per_connection ? "@.service" : ".service");
    const std::string service =
        named.empty() ? same : expand_specifiers(named, unit.name).value_or(named);
    const bool exists = load_unit(files, index, service).state != SystemdUnit::State::kMissing;
    return exists ? service : std::string();
  }
  return {};
}

}  // namespace sockopt
