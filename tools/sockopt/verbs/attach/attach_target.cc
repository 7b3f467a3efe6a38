// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/attach/attach_target.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"
#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

std::vector<std::string> cgroup_of_process(const std::string& mount, const std::string& pid,
                                           std::string& fault) {
  if (pid.empty() || !std::all_of(pid.begin(), pid.end(), is_digit)) {
    throw UsageError(fmt::format("{}: takes a process id, or -u UNIT", printable(pid, 80)));
  }
  const Result<std::string> text = read_small_file(AT_FDCWD, "/proc/" + pid + "/cgroup");
  if (!text) {
    fault = fmt::format("process {}: {}", pid, text.failure().text());
    return {};
  }
  const std::optional<std::string> path = cgroup_path(*text);
  if (!path) {
    fault = fmt::format("process {} is in no cgroup of version 2", pid);
    return {};
  }
  if (*path == "/") {
    fault = fmt::format(
        "process {} is in the root cgroup, which holds the whole host; sockopt attach --host", pid);
    return {};
  }
  return {mount + *path};
}

// Whoever asks from within a unit, as its ExecStartPre= does, means that one, and not the cgroup
// below it in which systemd may run such commands (`.control`).
std::string own_cgroup_of(const std::string& mount, const std::string& unit) {
  const Result<std::string> text = read_small_file(AT_FDCWD, "/proc/self/cgroup");
  const std::optional<std::string> path = text ? cgroup_path(*text) : std::nullopt;
  if (!path) return {};
  const std::size_t at = (*path + "/").find("/" + unit + "/");
  return at == std::string::npos ? std::string() : mount + path->substr(0, at + 1 + unit.size());
}

}  // namespace

void declare_target(Arguments& arguments, AttachTarget& target) {
  arguments.option("-u,--unit", "UNIT", target.unit, "The cgroup of this systemd unit");
  arguments.option("--cgroup", "PATH", target.cgroup, "The cgroup with this directory");
  arguments.flag("--host", target.host, "The root cgroup: every process of this host");
  arguments.positional("PID", target.pid, "The cgroup that this process is in");
}

std::string target_words(const AttachTarget& target) {
  if (target.host) return "--host";
  if (!target.unit.empty()) return command_text({"-u", full_unit_name(target.unit)});
  if (!target.cgroup.empty()) return command_text({"--cgroup", target.cgroup});
  return target.pid;
}

std::string lasting_target(const AttachTarget& target, const std::string& cgroup) {
  const bool by_cgroup = !target.pid.empty() || !target.cgroup.empty();
  return by_cgroup ? command_text({"--cgroup", cgroup}) : target_words(target);
}

std::vector<std::string> find_cgroups(const AttachTarget& target, std::string& fault) {
  const int given = (target.unit.empty() ? 0 : 1) + (target.cgroup.empty() ? 0 : 1) +
                    (target.pid.empty() ? 0 : 1) + (target.host ? 1 : 0);
  if (given == 0) throw UsageError("to what? Give -u UNIT, --cgroup PATH, PID or --host");
  if (given > 1) throw UsageError("-u, --cgroup, PID and --host exclude each other");
  const std::optional<std::string> mount = cgroup_mount();
  if (!mount) {
    fault =
        "no cgroup2 file system is mounted; mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 "
        "cgroup2 /sys/fs/cgroup/unified";
    return {};
  }
  if (target.host) return {*mount};
  if (!target.pid.empty()) return cgroup_of_process(*mount, target.pid, fault);
  if (!target.unit.empty()) {
    const std::string unit = full_unit_name(target.unit);
    const std::string own = own_cgroup_of(*mount, unit);
    if (!own.empty()) return {own};
    std::vector<std::string> found = cgroups_of_unit(*mount, unit);
    if (found.empty()) {
      fault = fmt::format("{}: no such cgroup below {}: the unit is not running", printable(unit),
                          printable(*mount));
    }
    return found;
  }
  // A path of the file system, or of the tree as /proc/PID/cgroup shows it.
  for (const std::string& path : {target.cgroup, *mount + "/" + target.cgroup}) {
    std::error_code error;
    const std::string directory = std::filesystem::canonical(path, error);
    if (!error && cgroup_id(directory) != 0) return {directory};
  }
  fault = fmt::format("{}: is no cgroup of version 2, and {} has none of that name",
                      printable(target.cgroup), printable(*mount));
  return {};
}

}  // namespace sockopt
