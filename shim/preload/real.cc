// SPDX-License-Identifier: MIT
#include "shim/preload/real.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "shim/preload/next_symbol.h"
#include "shim/preload/protection.h"
#include "shim/preload/real_table.h"
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

enum class Stage { kUnresolved, kResolving, kResolved };
constinit std::atomic<Stage> g_stage = Stage::kUnresolved;

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
  return call(table().socket, SYS_socket, domain, type, protocol);
}

int bind(int fd, const sockaddr* address, socklen_t length) {
  return call(table().bind, SYS_bind, fd, address, length);
}

int listen(int fd, int backlog) { return call(table().listen, SYS_listen, fd, backlog); }

int connect(int fd, const sockaddr* address, socklen_t length) {
  return call(table().connect, SYS_connect, fd, address, length);
}

int accept(int fd, sockaddr* address, socklen_t* length) {
  // Not every architecture has a system call of that name; accept4 without flags is the same.
  if (auto* found = get(table().accept)) return found(fd, address, length);
  return static_cast<int>(returned(system::call(SYS_accept4, fd, address, length, 0)));
}

int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  return call(table().accept4, SYS_accept4, fd, address, length, flags);
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t length) {
  return call(table().setsockopt, SYS_setsockopt, fd, level, name, value, length);
}

int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return call(table().prctl, SYS_prctl, option, a, b, c, d);
}

long syscall(long number, long a, long b, long c, long d, long e, long f) {
  if (auto* found = get(table().syscall)) return found(number, a, b, c, d, e, f);
  return returned(system::call(number, a, b, c, d, e, f));
}

#ifndef __LP64__
int setsockopt_time64(int fd, int level, int name, const void* value, socklen_t length) {
  return call(table().setsockopt_time64, SYS_setsockopt, fd, level, name, value, length);
}

int prctl_time64(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return call(table().prctl_time64, SYS_prctl, option, a, b, c, d);
}
#endif

bool setsockopt_is_the_c_librarys() {
  return table().setsockopt_is_the_c_librarys.load(std::memory_order_relaxed);
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
  find(table().syscall, next, "syscall", kOldest);
  find(table().socket, next, "socket", kOldest);
  find(table().bind, next, "bind", kOldest);
  find(table().listen, next, "listen", kOldest);
  find(table().connect, next, "connect", kOldest);
  find(table().accept, next, "accept", kOldest);
  find(table().accept4, next, "accept4", kOfAccept4);
  find(table().setsockopt, next, "setsockopt", kOldest);
  find(table().prctl, next, "prctl", kOldest);
  table().setsockopt_is_the_c_librarys.store(
      next.is_the_c_librarys(reinterpret_cast<void*>(table().setsockopt.load())),
      std::memory_order_relaxed);
#ifndef __LP64__
  find(table().setsockopt_time64, next, "__setsockopt64", kOfTime64);
  find(table().prctl_time64, next, "__prctl_time64", kOfTime64);
#endif
  // Whoever calls these has numbers in mind, and the upper half of a register may be anything.
  constexpr std::uintptr_t kInt = 0xffffffff;
  table().number_mask.store(next.found_the_c_librarys() ? kInt : ~std::uintptr_t{0},
                            std::memory_order_relaxed);
  g_stage.store(Stage::kResolved, std::memory_order_release);
  complete(Part::kFunctions);
}

}  // namespace
}  // namespace sockopt::real
