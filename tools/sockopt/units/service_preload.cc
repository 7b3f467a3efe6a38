// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/service_preload.h"

#include <vector>

#include "tools/sockopt/launch/loader_cache.h"
#include "tools/sockopt/units/service_start.h"
#include "tools/systemd/service_command.h"

namespace sockopt {

std::string service_preload_word(const FileTree& files, const SystemdUnit& unit,
                                 const std::string& library) {
  // Another root has a cache of its own.
  for (const char* key : {"RootDirectory", "RootImage"}) {
    if (!unit.settings.last("Service", key).text.empty()) return library;
  }
  std::vector<std::string> binaries;
  for (const ServiceCommand& command : service_commands(unit.settings, unit.name)) {
    const StartLine line = follow_service_command(files, command, {});
    if (line.words.empty()) continue;
    const ExecutedFiles executed = follow_service_scripts(files, line.words.front());
    binaries.insert(binaries.end(), executed.binaries.begin(), executed.binaries.end());
  }
  return preload_word(files, library, binaries);
}

}  // namespace sockopt
