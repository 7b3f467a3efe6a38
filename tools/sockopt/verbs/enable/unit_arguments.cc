// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/enable/unit_arguments.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/units/started_service.h"
#include "tools/sockopt/verb.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

// Its exit status; or 127, with what kept it from running said.
int run_systemctl(const char* verb) {
  const char* const argv[] = {"systemctl", verb, nullptr};
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, argv[0], nullptr, nullptr, const_cast<char* const*>(argv), environ);
  if (error != 0) {
    complain(argv[0], std::strerror(error));
    return kNotFound;
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : kFault;
}

}  // namespace

void declare_unit_arguments(Arguments& arguments, UnitArguments& given, const char* now_meaning) {
  arguments.positional("UNIT", given.units, "A service; `.service` is optional");
  arguments.option("--root", "DIR", given.root,
                   "Work on the system below this directory, such as an image");
  arguments.flag("-n,--dry-run", given.dry_run, "Change nothing; show what would change");
  arguments.flag("--now", given.now, now_meaning);
}

FileTree open_tree(const UnitArguments& given) {
  if (given.all && !given.units.empty()) throw UsageError("--all stands alone");
  if (!given.all && given.units.empty()) throw UsageError("which unit?");
  Result<FileTree> files = FileTree::open(given.root);
  if (!files) throw UsageError(fmt::format("--root {}", files.failure().text()));
  if (given.now && !files->is_host())
    throw UsageError("--now is for this host; it does not work with --root");
  return std::move(*files);
}

std::string service_name(const FileTree& files, const UnitIndex& index, const std::string& typed) {
  std::string name = complete_unit_name(typed);
  if (!is_unit_name(name)) {
    throw UsageError(fmt::format("{}: not a valid unit name", printable(typed)));
  }
  if (unit_type(name) == "service") return name;
  // What a socket unit opens is handed to its service, which the library adopts.
  const std::string service = started_service(files, index, name);
  throw UsageError(fmt::format("{}: only services start programs{}", name,
                               service.empty() ? "" : "; name " + service));
}

bool reload_systemd(bool dry_run, Output& out) {
  if (!is_systemd_running()) {
    warn("systemd", "it is not running, so there is nothing to reload");
    return true;
  }
  if (dry_run) {
    out.write("would run: systemctl daemon-reload\n");
    return true;
  }
  const int status = run_systemctl("daemon-reload");
  if (status > 0 && status != kNotFound) {
    complain("systemctl daemon-reload", fmt::format("exited with {}", status));
  }
  return status == 0;
}

}  // namespace sockopt
