// SPDX-License-Identifier: MIT
//
// Waiting, printing, failing and descriptors.

#include "process.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace demo {

[[noreturn]] void fail(int status, const std::string& message) {
  const std::string line = "demo_server: " + message + "\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
  _exit(status);  // not exit: other threads may be running
}

[[noreturn]] void fail_errno(const std::string& what) {
  fail(1, what + ": " + std::generic_category().message(errno));
}

volatile std::sig_atomic_t stop_requested = 0;
sigset_t wait_mask;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

void prepare_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t stop = stop_signals();
  sigprocmask(SIG_BLOCK, &stop, &wait_mask);
  sigdelset(&wait_mask, SIGTERM);
  sigdelset(&wait_mask, SIGINT);
  struct sigaction action {};
  action.sa_handler = [](int) { stop_requested = 1; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

void leave_signals_to_main_thread() {
  sigaddset(&wait_mask, SIGTERM);
  sigaddset(&wait_mask, SIGINT);
}

bool wait_for(int fd, short events) {
  pollfd entry{fd, events, 0};
  while (stop_requested == 0) {
    const int ready = ppoll(&entry, 1, nullptr, &wait_mask);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) fail_errno("ppoll");
  }
  return false;
}

bool print_line(std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty() && wait_for(STDOUT_FILENO, POLLOUT)) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return false;
    }
  }
  return rest.empty();
}

void set_nonblocking(int fd, bool wanted) {
  const int flags = fcntl(fd, F_GETFL);
  const int changed = wanted ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (flags < 0 || (changed != flags && fcntl(fd, F_SETFL, changed) != 0)) fail_errno("O_NONBLOCK");
}

void close_descriptors_except(const std::vector<int>& keep) {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) fail_errno("/proc/self/fd");
  std::vector<int> open;
  while (const dirent* entry = readdir(directory)) {
    if (const int fd = std::atoi(entry->d_name); fd > STDERR_FILENO) open.push_back(fd);
  }
  closedir(directory);
  for (const int fd : open) {
    if (std::find(keep.begin(), keep.end(), fd) == keep.end()) close(fd);
  }
}

// --drain holds all its connections open at once.
void allow_descriptors(int wanted) {
  rlimit limit{};
  const auto needed = static_cast<rlim_t>(wanted) + 64;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return;
  limit.rlim_cur = needed;
  if (needed > limit.rlim_max || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    fail(1, "--drain " + std::to_string(wanted) + ": at most " + std::to_string(limit.rlim_max) +
                " descriptors are allowed (ulimit -Hn)");
  }
}

}  // namespace demo
