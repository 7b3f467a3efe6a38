// SPDX-License-Identifier: MIT
//
// pidfd_open and pidfd_getfd are called by number: the wrappers came with glibc 2.36, whose header
// C++ cannot link with, and the kernel (5.6) is older than they are.
#include "tools/inspect/foreign_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>

#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

// With hidepid, processes of others have no directory in /proc: not seen is not gone.
Failure no_directory(pid_t pid, const std::string& path, int error) {
  if (error == ENOENT && (kill(pid, 0) == 0 || errno == EPERM)) error = EACCES;
  return Failure::of("open " + path, error);
}

// Whether the numbers of /proc are those of our own pid namespace. Else the process that a number
// is there, and the one that it is for system calls, are two.
bool is_own_proc() {
  static const bool own = [] {
    const Result<std::string> self = read_link(AT_FDCWD, "/proc/self");
    return !self || *self == std::to_string(getpid());
  }();
  return own;
}

}  // namespace

ForeignProcess::ForeignProcess(UniqueFd pidfd, UniqueFd directory, ProcessEntry entry)
    : pidfd_(std::move(pidfd)), directory_(std::move(directory)), entry_(std::move(entry)) {}

Result<ForeignProcess> ForeignProcess::open(pid_t pid, std::optional<std::uint64_t> start_time) {
  if (pid <= 0) return Failure::of("pidfd_open", ESRCH);
  if (!is_own_proc()) return Failure{Obstacle::kOtherProc, "readlink /proc/self", 0};
  const std::string path = "/proc/" + std::to_string(pid);
  UniqueFd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return no_directory(pid, path, errno);
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) return Failure::of("pidfd_open", errno);
  // The directory is one process's for ever, and fails once that has been reaped. That it can be
  // read now proves that the number was this process's when the pidfd was opened.
  const Result<std::string> stat = read_small_file(directory.get(), "stat");
  if (!stat) return stat.failure();
  std::optional<ProcessEntry> entry = parse_process_stat(*stat);
  if (!entry) return Failure::of("read " + path + "/stat", EPROTO);
  if (start_time && *start_time != entry->start_time) return Failure::of("pidfd_open", ESRCH);
  entry->pid = pid;
  if (entry->ended && entry->threads > 1) {
    return of_live_task(std::move(pidfd), std::move(directory), *std::move(entry));
  }
  return ForeignProcess(std::move(pidfd), std::move(directory), *std::move(entry));
}

// One whose main thread has ended lives on in the others, which have its descriptors.
Result<ForeignProcess> ForeignProcess::of_live_task(UniqueFd pidfd, UniqueFd directory,
                                                    ProcessEntry entry) {
  constexpr unsigned kPidfdThread = O_EXCL;  // PIDFD_THREAD of Linux 6.9
  entry.live_task = find_live_task(directory.get());
  if (entry.live_task != 0) {
    entry.ended = false;
    const std::string task = "task/" + std::to_string(entry.live_task);
    directory = UniqueFd(::openat(directory.get(), task.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return Failure::of("open " + proc_path(entry), errno);
    pidfd = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, entry.live_task, kPidfdThread)));
    if (!pidfd && errno == EINVAL) return Failure{Obstacle::kNoMainThread, "pidfd_open", EINVAL};
    if (!pidfd) return Failure::of("pidfd_open", errno);
    const Result<std::string> stat = read_small_file(directory.get(), "stat");
    if (!stat) return stat.failure();
  }
  return ForeignProcess(std::move(pidfd), std::move(directory), std::move(entry));
}

bool ForeignProcess::running() const {
  const Result<std::string> stat = read_small_file(directory(), "stat");
  if (!stat) return false;
  const std::optional<ProcessEntry> now = parse_process_stat(*stat);
  return now && !now->ended;
}

Result<UniqueFd> ForeignProcess::duplicate(int number) const {
  // The duplicate is close-on-exec by itself.
  UniqueFd copy(static_cast<int>(syscall(SYS_pidfd_getfd, pidfd(), number, 0)));
  if (!copy) return Failure::of("pidfd_getfd", errno);
  return copy;
}

// Whoever is on its way out belongs to nobody, and every access to it is denied to all but root.
std::optional<Failure> ForeignProcess::each_socket_number(const VisitNumber& visit) const {
  std::optional<Failure> failure = walk(visit);
  if (failure && failure->obstacle == Obstacle::kDenied && !running()) {
    failure->obstacle = Obstacle::kGone;
  }
  return failure;
}

std::optional<Failure> ForeignProcess::walk(const VisitNumber& visit) const {
  const std::string path = this->path() + "/fd";
  UniqueFd opened(openat(directory(), "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return Failure::of("open " + path, errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> numbers(fdopendir(opened.get()), closedir);
  if (!numbers) return Failure::of("opendir " + path, errno);
  const int directory = opened.release();
  constexpr std::string_view kSocket = "socket:[";
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(numbers.get());
    if (entry == nullptr) {
      if (errno != 0) return Failure::of("read " + path, errno);
      return std::nullopt;
    }
    const std::string_view name = entry->d_name;
    int number = -1;
    if (std::from_chars(name.data(), name.data() + name.size(), number).ec != std::errc{}) continue;
    char target[32];
    const ssize_t size = readlinkat(directory, entry->d_name, target, sizeof target);
    // Directories of /proc may be opened although their links may not be read.
    if (size < 0 && errno != ENOENT) return Failure::of("readlink " + path, errno);
    if (size < 0) continue;
    const std::string_view link(target, static_cast<std::size_t>(size));
    if (!link.starts_with(kSocket)) continue;
    std::uint64_t inode = 0;
    std::from_chars(link.data() + kSocket.size(), link.data() + link.size(), inode);
    if (auto failure = visit(number, inode)) return failure;
  }
}

Result<std::uint64_t> ForeignProcess::namespace_inode(const std::string& kind) const {
  struct stat status;
  if (fstatat(directory(), ("ns/" + kind).c_str(), &status, 0) != 0) {
    return Failure::of("stat " + path() + "/ns/" + kind, errno);
  }
  return std::uint64_t{status.st_ino};
}

}  // namespace sockopt
