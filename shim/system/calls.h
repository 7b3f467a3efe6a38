// SPDX-License-Identifier: MIT
//
// The few system calls made for ourselves, past libc's wrappers: those of open, read, poll and
// write are cancellation points, and a thread that is cancelled inside our work would leave it half
// done; those of fstat bind to symbols that older C libraries lack.  errno is set as libc does.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <ctime>

namespace sockopt::system {

// syscall(2) takes longs and hands them on as they are.
template <typename... Arguments>
long call(long number, Arguments... arguments) {
  return ::syscall(number, arguments...);
}

#if defined(SYS_fstat64) && !defined(__LP64__)
using FileStat = struct ::stat64;
inline long file_stat(int fd, FileStat* stat) { return call(SYS_fstat64, fd, stat); }
inline long path_stat(const char* path, FileStat* stat) {
  return call(SYS_fstatat64, AT_FDCWD, path, stat, 0);
}
#else
using FileStat = struct ::stat;
inline long file_stat(int fd, FileStat* stat) { return call(SYS_fstat, fd, stat); }
inline long path_stat(const char* path, FileStat* stat) {
  return call(SYS_newfstatat, AT_FDCWD, path, stat, 0);
}
#endif

inline int open_file(const char* path, int flags) {
  return static_cast<int>(call(SYS_openat, AT_FDCWD, path, flags, 0));
}
inline long read_some(int fd, void* buffer, std::size_t size) {
  return call(SYS_read, fd, buffer, size);
}
inline long write_some(int fd, const void* data, std::size_t size) {
  return call(SYS_write, fd, data, size);
}
inline void close_file(int fd) { call(SYS_close, fd); }

/// Whether `fd` takes a write now, without waiting.
inline bool is_writable(int fd) {
  struct pollfd entry = {fd, POLLOUT, 0};
#if defined(SYS_poll)
  const long ready = call(SYS_poll, &entry, 1L, 0L);
#else
  struct timespec none = {0, 0};
  const long ready = call(SYS_ppoll, &entry, 1L, &none, nullptr, 0L);
#endif
  return ready == 1 && (entry.revents & POLLOUT) != 0;
}

/// The kernel's signal set: 64 bits, whatever libc's sigset_t is.
using SignalMask = unsigned long[64 / (8 * sizeof(unsigned long))];

inline long change_signal_mask(int how, const SignalMask* set, SignalMask* old) {
  return call(SYS_rt_sigprocmask, how, set, old, sizeof(SignalMask));
}
/// Takes a pending signal of `set`, if there is one, without waiting.
inline void take_pending_signal(const SignalMask* set) {
  struct timespec none = {0, 0};
  call(SYS_rt_sigtimedwait, set, nullptr, &none, sizeof(SignalMask));
}
inline long pending_signals(SignalMask* set) {
  return call(SYS_rt_sigpending, set, sizeof(SignalMask));
}

}  // namespace sockopt::system
