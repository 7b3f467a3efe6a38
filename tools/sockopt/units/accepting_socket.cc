// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/accepting_socket.h"

#include "tools/systemd/unit.h"
#include "tools/systemd/unit_index.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {

std::string accepting_socket(const FileTree& files, const std::string& service) {
  if (service.find('@') == std::string::npos) return {};
  std::string name(unit_prefix(service));
  name += ".socket";
  const SystemdUnit unit = load_unit(files, UnitIndex(files), name);
  return unit.settings.is_on("Socket", "Accept") ? name : std::string();
}

}  // namespace sockopt
