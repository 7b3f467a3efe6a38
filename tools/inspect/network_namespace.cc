// SPDX-License-Identifier: MIT
#include "tools/inspect/network_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

bool is_ours(int handle) {
  struct stat other = {};
  struct stat own = {};
  return ::fstat(handle, &other) == 0 && ::stat("/proc/self/ns/net", &own) == 0 &&
         other.st_ino == own.st_ino && other.st_dev == own.st_dev;
}

}  // namespace

std::optional<Failure> in_network_namespace(const ForeignProcess& process,
                                            const std::function<void()>& act) {
  const std::string path = process.path() + "/ns/net";
  const UniqueFd handle(::openat(process.directory(), "ns/net", O_RDONLY | O_CLOEXEC));
  if (!handle) return Failure::of("open " + path, errno);
  if (is_ours(handle.get())) {
    act();
    return std::nullopt;
  }
  // A thread leaves its namespace for itself alone, and takes the change with it when it ends.
  std::optional<Failure> failure;
  std::thread([&] {
    if (::setns(handle.get(), CLONE_NEWNET) != 0) {
      failure = Failure::of("setns " + path, errno);
    } else {
      act();
    }
  }).join();
  return failure;
}

}  // namespace sockopt
