// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/unit_preload.h"

#include <utility>

#include "shim/config/environment.h"
#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/units/drop_in_file.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {

std::optional<UnitPreload> read_unit_preload(const std::string& name) {
  if (unit_type(name) != "service") return std::nullopt;
  const FileTree& files = FileTree::host();
  const SystemdUnit unit = load_unit(files, UnitIndex(files), name);
  if (unit.state != SystemdUnit::State::kLoaded) return std::nullopt;
  const DropInFile drop_in(files, unit.name);
  const ServiceEnvironment environment(files, unit);
  const ServiceVariable* set = environment.find("LD_PRELOAD");
  const std::string library = installed_library();
  if (set == nullptr || !names_library(set->value, library)) return std::nullopt;
  UnitPreload preload;
  if (const auto status = files.status(drop_in.path())) preload.changed = status->st_ctim.tv_sec;
  const ServiceSubject subject = {files,          unit,    environment,
                                  drop_in.path(), library, installed_machines()};
  for (Finding& one : examine_service_programs(subject)) {
    if (one.topic != "wrapper" || one.level == Level::kOk || !preload.what.empty()) continue;
    preload.what = std::move(one.what);
    preload.fix = std::move(one.fix);
  }
  return preload;
}

bool is_attached_at_start(const std::string& name) {
  if (unit_type(name) != "service") return false;
  const FileTree& files = FileTree::host();
  return is_attached_at_start(load_unit(files, UnitIndex(files), name));
}

}  // namespace sockopt
