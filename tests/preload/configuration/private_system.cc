// SPDX-License-Identifier: MIT
#include "tests/preload/configuration/private_system.h"

#include <unistd.h>

#include "tests/support/paths.h"

namespace sockopt::test {
namespace {

const std::filesystem::path kSystemFile = SOCKOPT_DEFAULT_CONFIG;

// $1: what becomes /etc, $2: what becomes the directory of the system's file, $3: that directory,
// $4: the user. The rest is the program.
constexpr char kEnterPrivately[] =
    "mount --bind \"$2\" \"$3\" && mount --bind \"$1\" /etc || exit 126\n"
    "user=$4; shift 4\n"
    "[ -z \"$user\" ] || set -- setpriv --reuid \"$user\" --regid \"$user\" --clear-groups \"$@\"\n"
    "exec \"$@\"";

}  // namespace

Command in_system(const TemporaryDirectory& directory, const System& system, Command command) {
  for (const char* name : {"ld.so.cache", "passwd", "group", "nsswitch.conf"}) {
    const std::filesystem::path file = std::filesystem::path("/etc") / name;
    if (std::filesystem::exists(file)) {
      directory.write(std::string("etc/") + name, read_file(file));
    }
  }
  directory.write("etc/ld.so.preload", system.loads_library ? library().string() + "\n" : "");
  directory.write("system/" + kSystemFile.filename().string(), system.configuration);
  command.argv.insert(command.argv.begin(),
                      {"unshare", "--mount", "sh", "-c", kEnterPrivately, "sh", directory / "etc",
                       directory / "system", kSystemFile.parent_path(), system.user});
  return command;
}

std::string why_no_private_system() {
  if (geteuid() != 0) return "only root can mount";
  if (kSystemFile.parent_path() == "/etc") return "the system's file is in /etc itself";
  if (!std::filesystem::is_directory(kSystemFile.parent_path())) {
    return "there is no " + kSystemFile.parent_path().string();
  }
  const TemporaryDirectory directory;
  if (!run(in_system(directory, {}, {.argv = {"true"}})).success()) {
    return "no mount namespace can be made here";
  }
  return {};
}

}  // namespace sockopt::test
