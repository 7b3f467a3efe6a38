// SPDX-License-Identifier: MIT
#include "shim/preload/stderr_log.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

#include "shim/preload/hook_switch.h"
#include "shim/system/syscalls.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr int kStandardInput = 0;
constexpr int kStandardError = 2;

// The longest line: far below PIPE_BUF, so that it is written whole or not at all, and small enough
// for a signal handler's stack.
constexpr std::size_t kLongestLine = 640;

// Blocks what write(2) can send the thread: SIGPIPE if the reader is gone, SIGXFSZ at the file's
// size limit, SIGTTOU in the background of a terminal.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    for (const int signal : {SIGPIPE, SIGXFSZ, SIGTTOU}) add(held_, signal);
    system::pending_signals(&pending_before_);
    changed_ = system::change_signal_mask(SIG_BLOCK, &held_, &mask_before_) == 0;
  }
  ~SignalsHeldBack() {
    if (changed_) system::change_signal_mask(SIG_SETMASK, &mask_before_, nullptr);
  }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

  /// Discards the signal that a failed write caused.  One that was pending before is the program's,
  /// and stays.
  void take(int signal) const {
    if (!changed_ || contains(pending_before_, signal)) return;
    system::SignalMask ours = {};
    add(ours, signal);
    system::take_pending_signal(&ours);
  }

 private:
  static constexpr int kBits = 8 * sizeof(unsigned long);
  static void add(system::SignalMask& set, int signal) {
    set[(signal - 1) / kBits] |= 1UL << ((signal - 1) % kBits);
  }
  static bool contains(const system::SignalMask& set, int signal) {
    return (set[(signal - 1) / kBits] >> ((signal - 1) % kBits) & 1) != 0;
  }

  system::SignalMask held_ = {};
  system::SignalMask mask_before_ = {};
  system::SignalMask pending_before_ = {};
  bool changed_ = false;
};

// A socket as standard error is journald's stream, or a client's connection as inetd passes it: an
// internet socket, standard input as well, or accepted from a listener, whose name it then has.
bool is_clients_connection(const system::FileStat& error) {
  if (!S_ISSOCK(error.st_mode)) return false;
  int domain = 0;
  socklen_t length = sizeof domain;
  system::get_option(kStandardError, SOL_SOCKET, SO_DOMAIN, &domain, &length);
  if (domain != AF_UNIX) return true;
  system::FileStat input;
  if (system::file_stat(kStandardInput, &input) == 0 && input.st_dev == error.st_dev &&
      input.st_ino == error.st_ino) {
    return true;
  }
  sockaddr name;
  length = sizeof name;
  return system::get_local(kStandardError, &name, &length) != 0 || length > sizeof(sa_family_t);
}

bool is_closed_at_exec(int fd) {
  const long flags = system::call(SYS_fcntl, fd, F_GETFD);
  return !system::is_error(flags) && (flags & FD_CLOEXEC) != 0;
}

// A file of the program's own, opened since the start: where there was no standard error, a
// constructor before ours may have got the number.  Where the program has marked its standard
// error, it has marked standard input, too.
bool was_opened_since() {
  return is_closed_at_exec(kStandardError) && !is_closed_at_exec(kStandardInput);
}

// Another writer may fill a pipe or a socket between poll and write.
long write_if_it_does_not_wait(std::string_view text, bool is_stream) {
  if (is_stream) {
    const long result = system::write_at_once(kStandardError, text.data(), text.size());
    if (result != -EOPNOTSUPP && result != -ENOSYS) return result;
  }
  if (!system::is_writable(kStandardError)) return -EAGAIN;
  return system::write_some(kStandardError, text.data(), text.size());
}

}  // namespace

void StderrLog::remember() {
  system::FileStat stat;
  known_ = system::file_stat(kStandardError, &stat) == 0 && !is_clients_connection(stat);
  if (!known_) return;
  is_stream_ = S_ISFIFO(stat.st_mode) || S_ISSOCK(stat.st_mode);
  device_ = stat.st_dev;
  inode_ = stat.st_ino;
}

void StderrLog::write_line(std::string_view line) const {
  system::FileStat stat;
  if (!known_ || hooks_are_disabled() || system::file_stat(kStandardError, &stat) != 0 ||
      stat.st_dev != device_ || stat.st_ino != inode_ || was_opened_since()) {
    return;
  }
  TextOf<kLongestLine> out;
  (out << "sockopt[").decimal(system::call(SYS_getpid)) << "]: ";
  out << slice(line, 0, kLongestLine - out.view().size() - 1) << '\n';
  const SignalsHeldBack held;
  const long result = write_if_it_does_not_wait(out.view(), is_stream_);
  if (result == -EPIPE) held.take(SIGPIPE);
  if (result == -EFBIG) held.take(SIGXFSZ);
}

}  // namespace sockopt
