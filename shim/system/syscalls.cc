// SPDX-License-Identifier: MIT
#include "shim/system/syscalls.h"

#include <sys/mman.h>

namespace sockopt::system {
namespace {

// The instruction itself. On other architectures, libc's function makes the call.
#if defined(__x86_64__) && defined(__LP64__)
[[gnu::always_inline]] inline long enter(long number, long a, long b, long c, long d, long e,
                                         long f) {
  register long fourth __asm__("r10") = d;
  register long fifth __asm__("r8") = e;
  register long sixth __asm__("r9") = f;
  long result = number;
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__i386__)
// The sixth argument is passed in the register of the frame.
[[gnu::noinline]] long enter(long number, long a, long b, long c, long d, long e, long f) {
  long result = number;
  __asm__ volatile(
      "pushl %[f]\n\t"
      "pushl %%ebp\n\t"
      "movl 4(%%esp), %%ebp\n\t"
      "int $0x80\n\t"
      "popl %%ebp\n\t"
      "addl $4, %%esp"
      : "+a"(result)
      : "b"(a), "c"(b), "d"(c), "S"(d), "D"(e), [f] "m"(f)
      : "memory");
  return result;
}
#elif defined(__aarch64__)
[[gnu::always_inline]] inline long enter(long number, long a, long b, long c, long d, long e,
                                         long f) {
  register long which __asm__("x8") = number;
  register long first __asm__("x0") = a;
  register long second __asm__("x1") = b;
  register long third __asm__("x2") = c;
  register long fourth __asm__("x3") = d;
  register long fifth __asm__("x4") = e;
  register long sixth __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(first)
                   : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "memory");
  return first;
}
#else
inline long enter(long number, long a, long b, long c, long d, long e, long f) {
  const int before = errno;
  const long result = ::syscall(number, a, b, c, d, e, f);
  if (result != -1) return result;
  const int error = errno;
  errno = before;
  return -error;
}
#endif

}  // namespace

long call_kernel(long number, long a, long b, long c, long d, long e, long f) {
  return enter(number, a, b, c, d, e, f);
}

// A call by itself: each new socket makes several.
int set_option(int fd, int level, int name, const void* value, socklen_t length) {
#if defined(SYS_socketcall)
  const long arguments[] = {fd, level, name, word_of(value), word_of(length)};
  return static_cast<int>(-enter(SYS_socketcall, SYS_SETSOCKOPT, word_of(arguments), 0, 0, 0, 0));
#else
  return static_cast<int>(
      -enter(SYS_setsockopt, fd, level, name, word_of(value), word_of(length), 0));
#endif
}

void* map_memory(std::size_t size, int flags, void* where) {
  const long address = word_of(where);
  const long length = word_of(size);
  const long all_flags = flags | MAP_ANONYMOUS;
#if defined(__i386__)
  // Its older call takes a pointer to its six arguments.
  const long arguments[] = {address, length, PROT_READ | PROT_WRITE, all_flags, -1, 0};
  const long result = enter(SYS_mmap, word_of(arguments), 0, 0, 0, 0, 0);
#elif defined(SYS_mmap)
  const long result = enter(SYS_mmap, address, length, PROT_READ | PROT_WRITE, all_flags, -1, 0);
#else
  const long result = enter(SYS_mmap2, address, length, PROT_READ | PROT_WRITE, all_flags, -1, 0);
#endif
  return is_error(result) ? nullptr : reinterpret_cast<void*>(result);
}

long write_at_once(int fd, const void* data, std::size_t size) {
#if defined(SYS_pwritev2) && !defined(__i386__)
  constexpr long kNoWait = 8;  // RWF_NOWAIT, since Linux 4.14, and of pipes since 6.4
  constexpr long kWhereItStands = -1;
  const struct {
    const void* data;
    std::size_t size;
  } vector = {data, size};
  return enter(SYS_pwritev2, fd, word_of(&vector), 1, kWhereItStands, kWhereItStands, kNoWait);
#else
  (void)fd, (void)data, (void)size;
  return -ENOSYS;
#endif
}

}  // namespace sockopt::system
