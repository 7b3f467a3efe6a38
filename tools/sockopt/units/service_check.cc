// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/service_check.h"

#include "tools/systemd/service_command.h"
#include "tools/systemd/service_user.h"

namespace sockopt {

std::string started_program(const SystemdUnit& unit) {
  std::string program;
  for (const ServiceCommand& command : service_commands(unit.settings, unit.name)) {
    if (!program.empty() && program != command.path) return {};
    program = command.path;
  }
  return program;
}

// What other services have wrong must not keep this one from starting; and it is read as the
// service's user will.
std::vector<std::string> service_check_words(const FileTree& files, const SystemdUnit& unit,
                                             const std::string& checker) {
  if (checker.empty()) return {};
  std::vector<std::string> words = {checker, "check"};
  if (const std::string program = started_program(unit); !program.empty()) {
    words.insert(words.end(), {"--program", program});
  }
  if (const auto user = service_user(files, unit); user && user->user != 0) {
    // Whose name only systemd knows is not to be found before it has started.
    const bool is_known = !unit.settings.is_on("Service", "DynamicUser");
    words.insert(words.end(), {"--user", is_known ? user->name : std::to_string(user->user)});
  }
  return words;
}

}  // namespace sockopt
