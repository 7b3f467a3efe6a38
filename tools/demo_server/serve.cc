// SPDX-License-Identifier: MIT
//
// A poll loop, threads that block, processes with a poll loop each, and one timed drain.

#include "serve.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <functional>
#include <iterator>
#include <list>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "accept.h"
#include "connection.h"
#include "process.h"

namespace demo {
namespace {

constexpr int kPauseMilliseconds = 10;  // when accept finds no descriptor or memory left

// False when it is better to pause.
bool accept_all(const Settings& settings, int listener, std::list<Connection>& connections) {
  while (stop_requested == 0) {
    sockaddr_storage peer{};
    const int fd = call_accept(settings, listener, peer);
    if (fd >= 0) {
      connections.emplace_back(fd);
      set_nonblocking(fd, true);
      report_accepted(settings, fd, peer);
      continue;
    }
    const Failure failure = accept_failure();
    if (failure != Failure::kTransient) return failure == Failure::kEmptyQueue;
  }
  return true;
}

void accept_in_thread(const Settings& settings, int listener) {
  for (;;) {
    sockaddr_storage peer{};
    const int fd = call_accept(settings, listener, peer);
    if (fd < 0) {
      if (accept_failure() != Failure::kTransient) poll(nullptr, 0, kPauseMilliseconds);
      continue;
    }
    report_accepted(settings, fd, peer);
    try {
      std::thread([fd] {
        for (Connection connection(fd); !connection.done();) connection.step();
      }).detach();
    } catch (const std::system_error&) {  // no more threads: this client has to go
      close(fd);
    }
  }
}

pid_t start_worker(const Settings& settings, const std::vector<int>& listeners) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) fail_errno("fork");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  _exit(getppid() == parent ? serve_poll_loop(settings, listeners) : 0);
}

// Reads byte by byte: what follows the line is not this program's.
bool wait_for_line() {
  char c = 0;
  while (c != '\n' && wait_for(STDIN_FILENO, POLLIN)) {
    const ssize_t got = read(STDIN_FILENO, &c, 1);
    if (got == 0) fail(1, "standard input ended before the line to begin with");
    if (got < 0 && errno != EINTR && errno != EAGAIN) fail_errno("standard input");
  }
  return c == '\n';
}

}  // namespace

int serve_poll_loop(const Settings& settings, const std::vector<int>& listeners) {
  for (const int fd : listeners) set_nonblocking(fd, true);
  std::list<Connection> connections;
  std::vector<pollfd> entries;
  bool pause = false;
  while (stop_requested == 0) {
    entries.clear();
    for (const Connection& c : connections) entries.push_back({c.fd(), c.wanted(), 0});
    if (!pause) {
      for (const int fd : listeners) entries.push_back({fd, POLLIN, 0});
    }
    const timespec limit{0, kPauseMilliseconds * 1000000L};
    const int ready = ppoll(entries.data(), entries.size(), pause ? &limit : nullptr, &wait_mask);
    pause = false;
    if (ready < 0 && errno != EINTR) fail_errno("ppoll");
    if (ready <= 0) continue;
    auto entry = entries.cbegin();
    for (auto c = connections.begin(); c != connections.end(); ++entry) {
      if (entry->revents != 0) c->step();
      c = c->done() ? connections.erase(c) : std::next(c);
    }
    for (; entry != entries.cend(); ++entry) {
      if (entry->revents != 0 && !accept_all(settings, entry->fd, connections)) pause = true;
    }
  }
  return 0;
}

int serve_threads(const Settings& settings, const std::vector<int>& listeners) {
  const sigset_t signals = stop_signals();
  leave_signals_to_main_thread();
  for (const int fd : listeners) {
    set_nonblocking(fd, false);
    for (int i = 0; i < settings.workers; ++i) {
      std::thread(accept_in_thread, std::cref(settings), fd).detach();
    }
  }
  while (stop_requested == 0 && sigwaitinfo(&signals, nullptr) < 0) {
  }
  _exit(0);  // threads that block in accept are not waited for
}

int serve_processes(const Settings& settings, const std::vector<int>& listeners) {
  sigset_t signals = stop_signals();
  sigaddset(&signals, SIGCHLD);
  std::signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::vector<pid_t> workers;
  workers.reserve(static_cast<std::size_t>(settings.workers));
  for (int i = 0; i < settings.workers; ++i) workers.push_back(start_worker(settings, listeners));
  int status = 0;
  for (int signal = SIGCHLD; status == 0 && stop_requested == 0;) {
    if (signal == SIGTERM || signal == SIGINT) break;
    for (pid_t& pid : workers) {  // none ends by itself: without one, the server is not whole
      if (waitpid(pid, nullptr, WNOHANG) != pid) continue;
      pid = 0;
      status = 1;
    }
    if (status == 0) signal = sigwaitinfo(&signals, nullptr);
  }
  for (const pid_t pid : workers) {
    if (pid != 0) kill(pid, SIGTERM);
  }
  for (const pid_t pid : workers) {
    while (pid != 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (status != 0) fail(status, "a worker process ended unexpectedly");
  return 0;
}

int serve_drain(const Settings& settings, int listener) {
  if (!wait_for_line()) return 0;
  const auto wanted = static_cast<std::size_t>(settings.drain);
  std::vector<int> accepted;
  accepted.reserve(wanted);
  set_nonblocking(listener, true);  // to find out, rather than hang, if fewer are queued
  sockaddr_storage peer{};
  timespec begin{};
  timespec end{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  while (accepted.size() < wanted) {
    const int fd = call_accept(settings, listener, peer);
    if (fd >= 0) {
      accepted.push_back(fd);
    } else if (accept_failure() != Failure::kTransient) {
      fail_errno("accepted " + std::to_string(accepted.size()) + " of " + std::to_string(wanted) +
                 " connections");
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  for (const int fd : accepted) close(fd);
  const long long took = (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec;
  return print_line("{\"accepted\":" + std::to_string(wanted) +
                    ",\"nanoseconds\":" + std::to_string(took) + '}')
             ? 0
             : 1;
}

}  // namespace demo
