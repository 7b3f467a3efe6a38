// SPDX-License-Identifier: MIT
//
// See examine_unit.h.
#include "tools/sockopt/unit/examine_unit.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <stdexcept>

#include "tools/sockopt/unit/companions.h"
#include "tools/sockopt/unit/drop_in.h"
#include "tools/sockopt/unit/examine_service.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

// The machine that a library is for; one that is no library fits nothing.
ElfMachine machine_of(const FileTree& files, const std::string& path) {
  const auto file = files.open_file(path, O_RDONLY);
  const auto elf = file ? read_elf_file(file->get()) : std::nullopt;
  return elf ? elf->machine : ElfMachine();
}

Diagnosis judge_companions(const FileTree& files, const UnitIndex& index, const SystemdUnit& unit) {
  const auto others = find_companions(files, index, unit);
  if (others.empty()) {
    return Diagnosis::note("unit", "it starts no program that could open a socket");
  }
  return Diagnosis::note("unit", "it only stands for others",
                         fmt::format("sockopt doctor -u {}", fmt::join(others, " -u ")));
}

}  // namespace

std::optional<Examined> examine_unit(const std::string& name) {
  const std::string complete = complete_unit_name(name);
  const Result<FileTree> files = FileTree::open("/");
  if (!files || !is_unit_name(complete) || unit_type(complete) != "service") return std::nullopt;
  const UnitIndex index(*files);
  const SystemdUnit unit = load_unit(*files, index, complete);
  if (unit.state != SystemdUnit::State::kLoaded) return std::nullopt;
  Examined examined{.kind = "unit", .name = unit.name, .found = {}};
  if (starts_nothing(unit)) {
    examined.found.push_back(judge_companions(*files, index, unit));
    return examined;
  }
  const ServiceEnvironment environment(*files, unit);
  std::string library;
  try {
    library = find_library_in(*files);
  } catch (const std::runtime_error& why) {
    examined.found.push_back(Diagnosis::fail("library", why.what(), "install it"));
    return examined;
  }
  const ServiceSubject subject = {.files = *files,
                                  .unit = unit,
                                  .environment = environment,
                                  .drop_in = drop_in_path(unit.name),
                                  .library = library,
                                  .machine = machine_of(*files, library)};
  const ServicePolicy policy(subject);
  for (const std::string& fault : policy.faults()) {
    examined.found.push_back(Diagnosis::fail("configuration", fault, "sockopt check"));
  }
  append(examined.found, examine_service(subject, policy));
  return examined;
}

}  // namespace sockopt
