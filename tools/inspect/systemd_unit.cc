// SPDX-License-Identifier: MIT
#include "tools/inspect/systemd_unit.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <functional>

#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

constexpr std::array<std::string_view, 11> kSuffixes = {
    ".service", ".scope", ".slice",     ".socket", ".mount", ".swap",
    ".target",  ".path",  ".automount", ".timer",  ".device"};

// The units that hold processes of their own; slices only hold other units.
bool holds_processes(std::string_view name) {
  return std::any_of(kSuffixes.begin(), kSuffixes.end(), [&](std::string_view suffix) {
    return suffix != ".slice" && name.size() > suffix.size() && name.ends_with(suffix);
  });
}

// systemd puts `_` before names that the kernel's own files in a cgroup could have.
std::string_view unescaped(std::string_view directory) {
  return directory.starts_with('_') ? directory.substr(1) : directory;
}

// Calls `visit` with each directory of the path, until it says that it has seen enough.
bool any_directory(std::string_view path, const std::function<bool(std::string_view)>& visit) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end != 0 && visit(unescaped(path.substr(0, end)))) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

// A line is ID:CONTROLLERS:PATH. systemd's are the unified hierarchy and, on older systems, one of
// its name; those of the version 1 controllers may stand elsewhere.
bool any_path(std::string_view cgroup, const std::function<bool(std::string_view)>& visit) {
  while (!cgroup.empty()) {
    const std::string_view line = take_line(cgroup);
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && controllers != "name=systemd") continue;
    if (visit(line.substr(second + 1))) return true;
  }
  return false;
}

}  // namespace

std::string full_unit_name(std::string_view given) {
  std::string name(given);
  const bool has_suffix =
      std::any_of(kSuffixes.begin(), kSuffixes.end(),
                  [&](std::string_view suffix) { return name.ends_with(suffix); });
  return has_suffix ? name : name + ".service";
}

std::string unit_of_cgroup(std::string_view cgroup) {
  std::string unit;
  any_path(cgroup, [&](std::string_view path) {
    any_directory(path, [&](std::string_view directory) {
      if (holds_processes(directory)) unit = directory;
      return false;
    });
    return !unit.empty();
  });
  return unit;
}

bool is_in_unit(std::string_view cgroup, std::string_view unit) {
  return any_path(cgroup, [&](std::string_view path) {
    return any_directory(path, [&](std::string_view directory) { return directory == unit; });
  });
}

bool is_systemd_running() {
  struct stat status = {};
  return ::lstat("/run/systemd/system", &status) == 0 && S_ISDIR(status.st_mode);
}

std::string unit_of(const ForeignProcess& process) {
  const Result<std::string> cgroup = read_small_file(process.directory(), "cgroup");
  return cgroup ? unit_of_cgroup(*cgroup) : std::string();
}

}  // namespace sockopt
