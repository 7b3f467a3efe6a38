// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/history_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

constexpr const char* kOfRoot = "/var/lib/sockopt/history";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value == '/' ? value : "";
}

}  // namespace

std::vector<std::string> history_paths() {
  std::vector<std::string> paths = {kOfRoot};
  const std::string own = history_path();
  if (!own.empty() && own != kOfRoot) paths.push_back(own);
  return paths;
}

std::string history_path() {
  if (const std::string state = variable("XDG_STATE_HOME"); !state.empty()) {
    return state + "/sockopt/history";
  }
  if (::geteuid() == 0) return kOfRoot;
  const std::string home = variable("HOME");
  return home.empty() ? "" : home + "/.local/state/sockopt/history";
}

std::string boot_id() {
  const auto id = read_small_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id");
  return id ? id->substr(0, id->find('\n')) : "";
}

}  // namespace sockopt
