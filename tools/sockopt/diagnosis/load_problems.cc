// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/load_problems.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

std::string user_name(uid_t user) {
  const passwd* entry = ::getpwuid(user);
  return entry == nullptr ? fmt::format("{}", user) : entry->pw_name;
}

// The rights that executing a file gives, as the kernel works them out in cap_bprm_creds_from_file:
// it is a secure execution, in which the loader ignores LD_PRELOAD, where the effective identity is
// not the real one afterwards.
class Rights {
 public:
  Rights(int fd, const struct stat& status, const Executor& executor)
      : status_(status), executor_(executor) {
    struct statvfs mount = {};
    const bool no_suid = ::fstatvfs(fd, &mount) == 0 && (mount.f_flag & ST_NOSUID) != 0;
    heeds_bits_ = !no_suid && !executor.no_new_privileges;
    heeds_capabilities_ = !no_suid;
    fd_ = fd;
  }

  std::optional<Finding> problem() const {
    constexpr std::string_view kIgnored = "which makes the loader ignore LD_PRELOAD";
    if (user() != executor_.real_user) {
      return Finding::error("rights",
                            fmt::format("it runs with the rights of user {} (set-user-ID), {}",
                                        user_name(user()), kIgnored),
                            "start it as that user");
    }
    if (group() != executor_.real_group) {
      return Finding::error(
          "rights",
          fmt::format("it runs with the rights of group {} (set-group-ID), {}", group(), kIgnored),
          "start it with that group");
    }
    if (has_capabilities()) {
      return Finding::error("rights", fmt::format("it has file capabilities, {}", kIgnored),
                            "start it as root, or grant the capabilities by other means (systemd's "
                            "AmbientCapabilities=)");
    }
    return std::nullopt;
  }

 private:
  uid_t user() const {
    return heeds_bits_ && (status_.st_mode & S_ISUID) != 0 ? status_.st_uid : executor_.user;
  }
  gid_t group() const {
    // Without the group's execute bit it once meant mandatory locking.
    constexpr mode_t kBits = S_ISGID | S_IXGRP;
    return heeds_bits_ && (status_.st_mode & kBits) == kBits ? status_.st_gid : executor_.group;
  }
  // Those of a real root are no gain.
  bool has_capabilities() const {
    if (!heeds_capabilities_ || executor_.real_user == 0) return false;
    vfs_ns_cap_data data = {};
    const ssize_t size = ::fgetxattr(fd_, "security.capability", &data, sizeof data);
    if (size < static_cast<ssize_t>(XATTR_CAPS_SZ_1)) return false;
    return (data.magic_etc & VFS_CAP_FLAGS_EFFECTIVE) != 0 || data.data[0].permitted != 0 ||
           data.data[1].permitted != 0;
  }

  const struct stat& status_;
  const Executor& executor_;
  int fd_;
  bool heeds_bits_;
  bool heeds_capabilities_;
};

}  // namespace

Executor Executor::self() {
  return {.real_user = ::getuid(),
          .user = ::geteuid(),
          .real_group = ::getgid(),
          .group = ::getegid(),
          .no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1};
}

std::optional<Finding> find_rights_problem(int fd, const Executor& executor) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  return Rights(fd, status, executor).problem();
}

std::optional<Finding> find_code_problem(const ElfFile& file, const ElfMachines& library) {
  if (std::find(library.begin(), library.end(), file.machine) == library.end()) {
    return Finding::error("reach",
                          fmt::format("it is a {} program and the library is {}",
                                      file.machine.text(), library.front().text()),
                          "install the library for its architecture");
  }
  if (file.is_go) {
    return Finding::error(
        "reach",
        "Go programs make their system calls without libc, so the library sees none of them",
        "use the program's own settings");
  }
  if (file.is_static) {
    return Finding::error("reach", "it is statically linked, so LD_PRELOAD does not reach it",
                          "use a dynamically linked build, or the program's own settings");
  }
  return std::nullopt;
}

std::optional<Finding> find_load_problem(const std::string& executable,
                                         const ElfMachines& library) {
  const UniqueFd file(::open(executable.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return std::nullopt;  // what may be executed need not be readable
  const std::optional<ElfFile> elf = read_elf_file(file.get());
  if (!elf) return std::nullopt;
  if (auto found = find_code_problem(*elf, library)) return found;
  return find_rights_problem(file.get(), Executor::self());
}

}  // namespace sockopt
