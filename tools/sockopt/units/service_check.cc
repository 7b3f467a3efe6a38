// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/service_check.h"

#include "shim/text/text.h"
#include "tools/sockopt/units/service_start.h"
#include "tools/systemd/service_command.h"
#include "tools/systemd/service_user.h"

namespace sockopt {

std::vector<std::string> started_program(const FileTree& files, const SystemdUnit& unit) {
  std::vector<std::string> program;
  for (const ServiceCommand& command : service_commands(unit.settings, unit.name)) {
    const StartLine line = follow_service_command(files, command, {});
    // Debian's wrapper of PostgreSQL is in Perl, and says where its server is to nobody.
    if (line.words.empty() || base_name(line.words.front()) == "pg_ctlcluster") return {};
    if (!program.empty() && program.front() != line.words.front()) return {};
    program = line.words;
  }
  return program;
}

// What other services have wrong must not keep this one from starting; and it is read as the
// service's user will.
std::vector<std::string> service_check_words(const FileTree& files, const SystemdUnit& unit,
                                             const std::string& checker) {
  if (checker.empty()) return {};
  std::vector<std::string> words = {checker, "check"};
  if (const auto program = started_program(files, unit); !program.empty()) {
    words.insert(words.end(), {"--program", program.front()});
  }
  if (const auto user = service_user(files, unit); user && user->user != 0) {
    // Whose name only systemd knows is not to be found before it has started.
    const bool is_known = !unit.settings.is_on("Service", "DynamicUser");
    words.insert(words.end(), {"--user", is_known ? user->name : std::to_string(user->user)});
  }
  return words;
}

}  // namespace sockopt
