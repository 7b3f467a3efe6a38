// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/host_support.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "tools/inspect/process_facts.h"
#include "tools/inspect/read_small_file.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/compile_policy.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

constexpr std::string_view kTopic = "bpf";

std::string read_text(const std::string& path) {
  const Result<std::string> text = read_small_file(AT_FDCWD, path);
  return text ? *text : std::string();
}

std::optional<Finding> check_kernel() {
  struct utsname name = {};
  ::uname(&name);
  if (KernelVersion::parse(name.release) < KernelVersion::parse(kOldestKernel)) {
    return Finding::error(std::string(kTopic),
                          fmt::format("needs Linux {} or newer; this is {}", kOldestKernel,
                                      printable(name.release, 60)),
                          "use the library: sockopt run, sockopt enable");
  }
  return {};
}

struct Need {
  int capability;
  std::string_view name;
  bool admin_can;  // CAP_SYS_ADMIN is enough as well
};

std::optional<Finding> check_capabilities(std::span<const Need> needs) {
  const auto status = parse_status(read_text("/proc/self/status"));
  if (!status) return {};
  std::vector<std::string_view> lacking;
  for (const Need& need : needs) {
    const bool can = status->can(need.capability) || (need.admin_can && status->can(CAP_SYS_ADMIN));
    if (!can) lacking.push_back(need.name);
  }
  if (lacking.empty()) return {};
  return Finding::error(std::string(kTopic), fmt::format("needs {}", joined(lacking)),
                        "run it as root");
}

std::optional<Finding> check_privileges(bool reads_programs) {
  constexpr Need kNeeds[] = {{CAP_BPF, "CAP_BPF", true},
                             {CAP_NET_ADMIN, "CAP_NET_ADMIN", true},
                             {CAP_PERFMON, "CAP_PERFMON (to read the names of programs)", true}};
  const std::size_t count = std::size(kNeeds) - (reads_programs ? 0 : 1);
  if (auto found = check_capabilities({kNeeds, count})) return found;
  // Root of a container has them for the container only.
  std::string map = read_text("/proc/self/uid_map");
  map.erase(
      std::unique(map.begin(), map.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
      map.end());
  if (!map.empty() && map.find("0 0 4294967295") == std::string::npos) {
    return Finding::error(std::string(kTopic),
                          "this is a user namespace, whose root may not load eBPF programs",
                          "run it on the host");
  }
  return {};
}

std::optional<Finding> check_lockdown(bool reads_programs) {
  const bool confidential =
      read_text("/sys/kernel/security/lockdown").find("[confidentiality]") != std::string::npos;
  if (!confidential || !reads_programs) return {};
  return Finding::error(std::string(kTopic),
                        "the kernel is locked down (confidentiality): eBPF programs may not read "
                        "the names of programs, which rules with `program` need",
                        "attach to a unit with rules that name no program, or boot with "
                        "lockdown=integrity");
}

std::optional<Finding> check_mounts() {
  if (!cgroup_mount()) {
    return Finding::error(std::string(kTopic), "no cgroup2 file system is mounted",
                          "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 "
                          "/sys/fs/cgroup/unified");
  }
  struct statfs system = {};
  if (::statfs("/sys/fs/bpf", &system) != 0 || system.f_type != BPF_FS_MAGIC) {
    return Finding::error(
        std::string(kTopic),
        "no bpf file system is mounted at /sys/fs/bpf, where attachments are kept",
        "mount -t bpf bpf /sys/fs/bpf");
  }
  return {};
}

std::optional<Finding> check_btf() {
  if (::access("/sys/kernel/btf/vmlinux", R_OK) == 0) return {};
  return Finding::error(std::string(kTopic),
                        "this kernel does not describe its types (/sys/kernel/btf/vmlinux)",
                        "boot one built with CONFIG_DEBUG_INFO_BTF, as Debian's are");
}

}  // namespace

std::optional<Finding> find_host_obstacle(bool reads_programs) {
  if (auto found = check_kernel()) return found;
  if (auto found = check_lockdown(reads_programs)) return found;
  return check_btf();
}

std::string missing_mount_command() {
  const auto missing = check_mounts();
  return missing ? missing->fix + " && " : std::string();
}

std::optional<Finding> find_obstacle(bool reads_programs) {
  if (auto found = check_kernel()) return found;
  if (auto found = check_privileges(reads_programs)) return found;
  if (auto found = check_lockdown(reads_programs)) return found;
  if (auto found = check_btf()) return found;
  return check_mounts();
}

std::optional<Finding> find_watch_obstacle() {
  constexpr Need kNeeds[] = {
      {CAP_BPF, "CAP_BPF", true},
      {CAP_NET_ADMIN, "CAP_NET_ADMIN", true},
      {CAP_PERFMON, "CAP_PERFMON (to read which process listens)", true},
      {CAP_SYS_PTRACE, "CAP_SYS_PTRACE (to reach the sockets of processes)", false}};
  if (auto found = check_kernel()) return found;
  if (auto found = check_capabilities(kNeeds)) return found;
  return find_obstacle(false);
}

}  // namespace sockopt
