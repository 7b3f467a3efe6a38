// SPDX-License-Identifier: MIT
#include "tools/inspect/access.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

constexpr int kCapSysPtrace = 19;
constexpr std::string_view kPrivilege = "CAP_SYS_PTRACE";

// What of /proc/PID/status decides.
struct Credentials {
  std::array<long, 4> users{};  // real, effective, saved, of the file system
  std::array<long, 4> groups{};
  std::uint64_t permitted = 0;
  std::uint64_t effective = 0;

  bool can_trace() const { return (effective >> kCapSysPtrace & 1) != 0; }
  // All three must be the caller's.
  bool runs_as(long user, long group) const {
    return std::all_of(users.begin(), users.end() - 1, [&](long one) { return one == user; }) &&
           std::all_of(groups.begin(), groups.end() - 1, [&](long one) { return one == group; });
  }
};

std::optional<Credentials> read_credentials(const std::string& process) {
  const Result<std::string> status = read_small_file(AT_FDCWD, "/proc/" + process + "/status");
  if (!status) return std::nullopt;
  Credentials credentials;
  std::istringstream lines(*status);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string key;
    fields >> key;
    const auto read_ids = [&](std::array<long, 4>& ids) {
      for (long& id : ids) fields >> id;
    };
    if (key == "Uid:") read_ids(credentials.users);
    if (key == "Gid:") read_ids(credentials.groups);
    if (key == "CapPrm:") fields >> std::hex >> credentials.permitted;
    if (key == "CapEff:") fields >> std::hex >> credentials.effective;
  }
  return credentials;
}

// Everybody may read which users a namespace maps, and nobody which namespace it is.
bool is_of_another_user_namespace(const std::string& process) {
  const Result<std::string> theirs = read_small_file(AT_FDCWD, "/proc/" + process + "/uid_map");
  const Result<std::string> ours = read_small_file(AT_FDCWD, "/proc/self/uid_map");
  return theirs && ours && *theirs != *ours;
}

// The kernel gives the files of what is not dumpable to root; its directory stays its own.
bool is_undumpable(const std::string& process, const Credentials& credentials) {
  struct stat status = {};
  return ::stat(("/proc/" + process + "/status").c_str(), &status) == 0 &&
         static_cast<long>(status.st_uid) != credentials.users[1];
}

}  // namespace

std::optional<int> ptrace_scope() {
  const Result<std::string> text = read_small_file(AT_FDCWD, "/proc/sys/kernel/yama/ptrace_scope");
  if (!text) return std::nullopt;
  return std::atoi(text->c_str());
}

WhyDenied explain_denial(pid_t pid, const Failure& failure) {
  if (failure.obstacle == Obstacle::kUnsupported) {
    return {failure.call +
                " is missing from this kernel (Linux 5.6 has it), or a sandbox around this command "
                "forbids it",
            ""};
  }
  if (failure.obstacle == Obstacle::kNoMainThread) {
    return {"its main thread has ended, and only Linux 6.9 and later can inspect its other threads",
            ""};
  }
  if (failure.obstacle == Obstacle::kOtherProc) {
    return {"/proc belongs to another PID namespace, whose PIDs are other processes here",
            "a /proc of its own (mount -t proc proc /proc)"};
  }
  if (failure.call.starts_with("setns ")) {
    return {"its network namespace cannot be entered", "CAP_SYS_ADMIN"};
  }
  const std::string privilege(kPrivilege);
  const std::string process = std::to_string(pid);
  const auto theirs = read_credentials(process);
  const auto ours = read_credentials("self");
  if (!theirs) return {"/proc does not show it (hidepid)", privilege};
  if (!ours) return {failure.text(), privilege};
  const int scope = ptrace_scope().value_or(0);
  if (scope >= 3)
    return {"kernel.yama.ptrace_scope = 3 forbids it to everybody until a reboot", ""};
  if (is_of_another_user_namespace(process)) {
    return {"it is in another user namespace", privilege + " there, or in one around it"};
  }
  if (ours->can_trace()) {
    return {"a security module or a sandbox forbids it (" + failure.text() + ")", ""};
  }
  if (!theirs->runs_as(ours->users[1], ours->groups[1])) {
    return {"it runs as another user (uid " + std::to_string(theirs->users[1]) + ")", privilege};
  }
  if (is_undumpable(process, *theirs)) {
    return {"it is not dumpable (PR_SET_DUMPABLE, or it was started with privileges)", privilege};
  }
  if ((theirs->permitted & ~ours->permitted) != 0) {
    return {"it has capabilities that this command lacks", privilege};
  }
  if (scope == 2) return {"kernel.yama.ptrace_scope = 2 requires a privilege", privilege};
  if (scope == 1) {
    return {"kernel.yama.ptrace_scope = 1 allows only descendants", privilege};
  }
  return {failure.text(), privilege};
}

}  // namespace sockopt
