// SPDX-License-Identifier: MIT
//
// The library's own few system calls, made past libc's functions: a program may have its own
// function called mmap or getsockopt, and the dynamic linker would bind our call to that one;
// libc's open, read, poll and write are cancellation points, and a thread cancelled in a hook would
// leave it half done; libc's fstat binds to a symbol that older C libraries lack.  errno is never
// touched: a failure is the kernel's error number, negated.
#pragma once

#include <fcntl.h>
#include <linux/net.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <type_traits>

namespace sockopt::system {

long call_kernel(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                 long f = 0);

template <typename Argument>
long word_of(Argument argument) {
  if constexpr (std::is_pointer_v<Argument>) {
    return static_cast<long>(reinterpret_cast<std::uintptr_t>(argument));
  } else if constexpr (std::is_null_pointer_v<Argument>) {
    return 0;
  } else {
    return static_cast<long>(argument);
  }
}

template <typename... Arguments>
long call(long number, Arguments... arguments) {
  return call_kernel(number, word_of(arguments)...);
}

/// The kernel's errors are the last 4095 numbers.
inline bool is_error(long result) { return static_cast<unsigned long>(result) > -4096UL; }

/// Zeroed memory to read and write, or null. `flags` as of mmap(2), beside MAP_ANONYMOUS.
void* map_memory(std::size_t size, int flags, void* where = nullptr);
inline void unmap_memory(void* memory, std::size_t size) { call(SYS_munmap, memory, size); }

// These five: 0, or the kernel's error number.
int set_option(int fd, int level, int name, const void* value, socklen_t length);
#if defined(SYS_socketcall)
// 32-bit x86 has these as calls of their own since Linux 4.3 only.
inline int get_option(int fd, int level, int name, void* value, socklen_t* length) {
  const long arguments[] = {fd, level, name, word_of(value), word_of(length)};
  return static_cast<int>(-call(SYS_socketcall, SYS_GETSOCKOPT, arguments));
}
inline int get_local(int fd, sockaddr* address, socklen_t* length) {
  const long arguments[] = {fd, word_of(address), word_of(length)};
  return static_cast<int>(-call(SYS_socketcall, SYS_GETSOCKNAME, arguments));
}
inline int get_peer(int fd, sockaddr* address, socklen_t* length) {
  const long arguments[] = {fd, word_of(address), word_of(length)};
  return static_cast<int>(-call(SYS_socketcall, SYS_GETPEERNAME, arguments));
}
inline int listen_again(int fd, int backlog) {
  const long arguments[] = {fd, backlog};
  return static_cast<int>(-call(SYS_socketcall, SYS_LISTEN, arguments));
}
#else
inline int get_option(int fd, int level, int name, void* value, socklen_t* length) {
  return static_cast<int>(-call(SYS_getsockopt, fd, level, name, value, length));
}
inline int get_local(int fd, sockaddr* address, socklen_t* length) {
  return static_cast<int>(-call(SYS_getsockname, fd, address, length));
}
inline int get_peer(int fd, sockaddr* address, socklen_t* length) {
  return static_cast<int>(-call(SYS_getpeername, fd, address, length));
}
inline int listen_again(int fd, int backlog) {
  return static_cast<int>(-call(SYS_listen, fd, backlog));
}
#endif

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
/// The same, and where there is no room now -EAGAIN; -EOPNOTSUPP or -ENOSYS where the kernel cannot
/// do so with what `fd` is.
long write_at_once(int fd, const void* data, std::size_t size);
inline void close_file(int fd) { call(SYS_close, fd); }

/// Whether `fd` can be written to without blocking.
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
/// Takes a pending signal of `set`, if there is one, without blocking.
inline void take_pending_signal(const SignalMask* set) {
  struct timespec none = {0, 0};
  call(SYS_rt_sigtimedwait, set, nullptr, &none, sizeof(SignalMask));
}
inline long pending_signals(SignalMask* set) {
  return call(SYS_rt_sigpending, set, sizeof(SignalMask));
}

}  // namespace sockopt::system
