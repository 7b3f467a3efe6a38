// SPDX-License-Identifier: MIT
#include "shim/preload/stderr_log.h"

#include <sys/socket.h>

#include <cerrno>

#include "shim/preload/errno_guard.h"
#include "shim/system/syscalls.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr int kStandardError = 2;

// The longest line: far below PIPE_BUF, so that it is written whole or not at all, and small enough
// for the stack of a signal handler.
constexpr std::size_t kLongestLine = 640;

// Holds back what write(2) can send the thread: SIGPIPE where the reader is gone, SIGXFSZ at the
// file's size limit, SIGTTOU in the background of a terminal.
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

  /// Takes away the signal that a failed write caused.  One that was pending before is the
  /// program's, and stays.
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

// A socket as standard error is journald's stream (UNIX) or inetd's client (anything else).
bool is_clients_connection(mode_t mode) {
  if (!S_ISSOCK(mode)) return false;
  int domain = 0;
  socklen_t length = sizeof domain;
  return system::get_option(kStandardError, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0 ||
         domain != AF_UNIX;
}

}  // namespace

void StderrLog::remember() {
  system::FileStat stat;
  known_ = system::file_stat(kStandardError, &stat) == 0 && !is_clients_connection(stat.st_mode);
  if (!known_) return;
  device_ = stat.st_dev;
  inode_ = stat.st_ino;
}

bool StderrLog::is_still_ours() const {
  system::FileStat stat;
  return known_ && system::file_stat(kStandardError, &stat) == 0 && stat.st_dev == device_ &&
         stat.st_ino == inode_ && system::is_writable(kStandardError);
}

void StderrLog::write_line(std::string_view line) const {
  const ErrnoGuard keep;
  if (!is_still_ours()) return;
  TextOf<kLongestLine> out;
  (out << "sockopt[").decimal(system::call(SYS_getpid)) << "]: ";
  out << slice(line, 0, kLongestLine - out.view().size() - 1) << '\n';
  const SignalsHeldBack held;
  if (system::write_some(kStandardError, out.view().data(), out.view().size()) >= 0) return;
  if (errno == EPIPE) held.take(SIGPIPE);
  if (errno == EFBIG) held.take(SIGXFSZ);
}

}  // namespace sockopt
