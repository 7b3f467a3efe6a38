// SPDX-License-Identifier: MIT
#include "shim/preload/real.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "shim/preload/next_symbol.h"
#include "shim/system/syscalls.h"

namespace sockopt::real {
namespace {

// The versions that glibc gives to the names that we hook: those of libsockopt.map.
#if defined(__x86_64__) && defined(__LP64__)
constexpr const char* kOldest = "GLIBC_2.2.5";
constexpr const char* kOfAccept4 = "GLIBC_2.10";
#elif defined(__i386__)
constexpr const char* kOldest = "GLIBC_2.0";
constexpr const char* kOfAccept4 = "GLIBC_2.10";
constexpr const char* kOfTime64 = "GLIBC_2.34";
#elif defined(__aarch64__)
constexpr const char* kOldest = "GLIBC_2.17";
constexpr const char* kOfAccept4 = kOldest;
#else
constexpr const char* kOldest = nullptr;
constexpr const char* kOfAccept4 = nullptr;
constexpr const char* kOfTime64 = nullptr;
#endif

// Null where there is none behind ours: then the system call is made directly, which is no
// cancellation point and bypasses other shims, but works.
template <typename Signature>
using Pointer = std::atomic<Signature*>;

using SyscallFunction = long(long number, long a, long b, long c, long d, long e, long f);

// The smallest page there is.  On larger ones the table is not protected.
constexpr std::size_t kPage = 4096;

// Written once, and read-only from then on: it has a page of its own.
struct alignas(kPage) Table {
  Pointer<SyscallFunction> syscall;
  Pointer<decltype(::socket)> socket;
  Pointer<decltype(::bind)> bind;
  Pointer<decltype(::listen)> listen;
  Pointer<decltype(::connect)> connect;
  Pointer<decltype(::accept)> accept;
  Pointer<decltype(::accept4)> accept4;
  Pointer<decltype(::setsockopt)> setsockopt;
  Pointer<decltype(real::prctl)> prctl;
  // What an entry reads of its first argument: all of it, unless each function is the C library's.
  std::atomic<std::uintptr_t> number_mask = ~std::uintptr_t{0};
#ifndef __LP64__
  Pointer<decltype(::setsockopt)> setsockopt_time64;
  Pointer<decltype(real::prctl)> prctl_time64;
#endif
  std::atomic<bool> setsockopt_is_the_c_librarys;
};
static_assert(sizeof(Table) == kPage);
static_assert(offsetof(Table, socket) == sizeof(void*) &&
                  offsetof(Table, bind) == 2 * sizeof(void*) &&
                  offsetof(Table, listen) == 3 * sizeof(void*) &&
                  offsetof(Table, connect) == 4 * sizeof(void*) &&
                  offsetof(Table, accept) == 5 * sizeof(void*) &&
                  offsetof(Table, accept4) == 6 * sizeof(void*) &&
                  offsetof(Table, setsockopt) == 7 * sizeof(void*) &&
                  offsetof(Table, prctl) == 8 * sizeof(void*) &&
                  offsetof(Table, number_mask) == 9 * sizeof(void*),
              "as in syscall_hook.cc and entry.cc");

enum class Stage { kUnresolved, kResolving, kResolved };
constinit std::atomic<Stage> g_stage = Stage::kUnresolved;

}  // namespace

// Known to the assembler by this name. In the file, not behind its end: a page there would be one
// more mapping.
extern "C" {
[[gnu::visibility("hidden"), gnu::section(".data.sockopt_real")]] constinit Table sockopt_real{};
}

namespace {

template <typename Signature>
void find(Pointer<Signature>& pointer, NextSymbols& next, const char* name, const char* version) {
  pointer.store(reinterpret_cast<Signature*>(next.find(name, version)), std::memory_order_relaxed);
}

void find_all(NextSymbols::Lock lock);

// The first thread can have the loader's lock itself, and no other thread at its start.
[[gnu::cold, gnu::noinline]] void resolve_in_hook() {
  if (!is_relocated() || g_stage.load(std::memory_order_relaxed) != Stage::kUnresolved) return;
  const bool first = system::call(SYS_gettid) == system::call(SYS_getpid);
  find_all(first ? NextSymbols::Lock::kMayTake : NextSymbols::Lock::kMustNotTake);
}

template <typename Signature>
[[gnu::always_inline]] inline Signature* get(const Pointer<Signature>& pointer) {
  Signature* found = pointer.load(std::memory_order_relaxed);
  if (found != nullptr) [[likely]]
    return found;
  resolve_in_hook();
  return pointer.load(std::memory_order_relaxed);
}

// As libc's function would return it.
long returned(long result) {
  if (!system::is_error(result)) return result;
  if (is_relocated()) errno = static_cast<int>(-result);
  return -1;
}

template <typename Signature, typename... Arguments>
[[gnu::always_inline]] inline int call(const Pointer<Signature>& pointer, long number,
                                       Arguments... arguments) {
  if (Signature* found = get(pointer)) return found(arguments...);
  return static_cast<int>(returned(system::call(number, arguments...)));
}

}  // namespace

int socket(int domain, int type, int protocol) {
  return call(sockopt_real.socket, SYS_socket, domain, type, protocol);
}

int bind(int fd, const sockaddr* address, socklen_t length) {
  return call(sockopt_real.bind, SYS_bind, fd, address, length);
}

int listen(int fd, int backlog) { return call(sockopt_real.listen, SYS_listen, fd, backlog); }

int connect(int fd, const sockaddr* address, socklen_t length) {
  return call(sockopt_real.connect, SYS_connect, fd, address, length);
}

int accept(int fd, sockaddr* address, socklen_t* length) {
  // Not every architecture has a system call of that name; accept4 without flags is the same.
  if (auto* found = get(sockopt_real.accept)) return found(fd, address, length);
  return static_cast<int>(returned(system::call(SYS_accept4, fd, address, length, 0)));
}

int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  return call(sockopt_real.accept4, SYS_accept4, fd, address, length, flags);
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t length) {
  return call(sockopt_real.setsockopt, SYS_setsockopt, fd, level, name, value, length);
}

int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return call(sockopt_real.prctl, SYS_prctl, option, a, b, c, d);
}

long syscall(long number, long a, long b, long c, long d, long e, long f) {
  if (auto* found = get(sockopt_real.syscall)) return found(number, a, b, c, d, e, f);
  return returned(system::call(number, a, b, c, d, e, f));
}

#ifndef __LP64__
int setsockopt_time64(int fd, int level, int name, const void* value, socklen_t length) {
  return call(sockopt_real.setsockopt_time64, SYS_setsockopt, fd, level, name, value, length);
}

int prctl_time64(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return call(sockopt_real.prctl_time64, SYS_prctl, option, a, b, c, d);
}
#endif

bool setsockopt_is_the_c_librarys() {
  return sockopt_real.setsockopt_is_the_c_librarys.load(std::memory_order_relaxed);
}

bool is_relocated() {
  auto* location = &::__errno_location;
  __asm__("" : "+r"(location));  // null until then, whatever the compiler knows of functions
  return location != nullptr;
}

void resolve() { find_all(NextSymbols::Lock::kMayTake); }

namespace {

// While one thread is at it, or where dlsym leads back to a hook, the others make their system
// calls directly.
void find_all(NextSymbols::Lock lock) {
  Stage unresolved = Stage::kUnresolved;
  if (!g_stage.compare_exchange_strong(unresolved, Stage::kResolving)) return;
  NextSymbols next(lock);
  find(sockopt_real.syscall, next, "syscall", kOldest);
  find(sockopt_real.socket, next, "socket", kOldest);
  find(sockopt_real.bind, next, "bind", kOldest);
  find(sockopt_real.listen, next, "listen", kOldest);
  find(sockopt_real.connect, next, "connect", kOldest);
  find(sockopt_real.accept, next, "accept", kOldest);
  find(sockopt_real.accept4, next, "accept4", kOfAccept4);
  find(sockopt_real.setsockopt, next, "setsockopt", kOldest);
  find(sockopt_real.prctl, next, "prctl", kOldest);
  sockopt_real.setsockopt_is_the_c_librarys.store(
      next.is_the_c_librarys(reinterpret_cast<void*>(sockopt_real.setsockopt.load())),
      std::memory_order_relaxed);
#ifndef __LP64__
  find(sockopt_real.setsockopt_time64, next, "__setsockopt64", kOfTime64);
  find(sockopt_real.prctl_time64, next, "__prctl_time64", kOfTime64);
#endif
  // Whoever calls these has numbers in mind, and the upper half of a register may be anything.
  constexpr std::uintptr_t kInt = 0xffffffff;
  if (next.found_the_c_librarys()) sockopt_real.number_mask.store(kInt, std::memory_order_relaxed);
  system::call(SYS_mprotect, &sockopt_real, sizeof sockopt_real, PROT_READ);
  g_stage.store(Stage::kResolved, std::memory_order_release);
}

}  // namespace
}  // namespace sockopt::real
