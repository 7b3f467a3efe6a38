// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/suggest_unit.h"

#include <fmt/format.h>

#include <vector>

#include "shim/options/suggestion.h"
#include "tools/systemd/unit.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {

std::string suggest_unit(const FileTree& files, const UnitIndex& index, const std::string& name) {
  const std::vector<std::string> names = index.names();
  const std::string general = instantiate_unit(name, "");
  for (const std::string& other : names) {
    if (other == general) {
      return fmt::format("{0} is a template: give an instance, {1}@NAME", other,
                         unit_prefix(other));
    }
  }
  for (const std::string& other : names) {
    const SystemdUnit unit = load_unit(files, index, other);
    for (const std::string& alias : unit.settings.words("Install", "Alias")) {
      if (alias == name)
        return fmt::format("it is an alias of {}, once that is enabled", unit.name);
    }
  }
  // Without the suffix that makes all of them alike.
  NearestWord meant(unit_prefix(name));
  for (const std::string& other : names) {
    if (unit_type(other) == "service") meant.consider(unit_prefix(other));
  }
  return meant.word().empty() ? "" : fmt::format("did you mean {}?", meant.word());
}

}  // namespace sockopt
