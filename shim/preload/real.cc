// SPDX-License-Identifier: MIT
#include "shim/preload/real.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "shim/preload/next_symbol.h"
#include "shim/system/syscalls.h"
#include "shim/text/fixed_text.h"

extern "C" {
constinit std::atomic<sockopt::real::SyscallFunction*> sockopt_next_syscall = nullptr;
}

namespace sockopt::real {
namespace {

// One real function.  Several threads may find it at the same time; they find the same.
template <typename Signature>
class Function {
 public:
  template <std::size_t kSize>
  explicit constexpr Function(const char (&name)[kSize]) : name_(name) {}

  /// Null where there is none after us: then the system call is made directly, which is no
  /// cancellation point and bypasses other shims, but works.
  Signature* get() {
    Signature* found = address_.load(std::memory_order_relaxed);
    return found != nullptr ? found : find();
  }

  Signature* find() {
    auto* found = reinterpret_cast<Signature*>(next_symbol(name_.characters));
    address_.store(found, std::memory_order_relaxed);
    return found;
  }

 private:
  FixedText<16> name_;  // ended by NUL
  std::atomic<Signature*> address_ = nullptr;
};

constinit Function<decltype(::socket)> g_socket("socket");
constinit Function<decltype(::bind)> g_bind("bind");
constinit Function<decltype(::listen)> g_listen("listen");
constinit Function<decltype(::connect)> g_connect("connect");
constinit Function<decltype(::accept)> g_accept("accept");
constinit Function<decltype(::accept4)> g_accept4("accept4");
constinit Function<decltype(::setsockopt)> g_setsockopt("setsockopt");
constinit Function<decltype(prctl)> g_prctl("prctl");
#ifndef __LP64__
constinit Function<decltype(::setsockopt)> g_setsockopt_time64("__setsockopt64");
constinit Function<decltype(prctl)> g_prctl_time64("__prctl_time64");
#endif

template <typename Signature, typename... Arguments>
int call(Function<Signature>& function, long number, Arguments... arguments) {
  if (Signature* found = function.get()) return found(arguments...);
  return static_cast<int>(system::libc_result(system::call(number, arguments...)));
}

}  // namespace

int socket(int domain, int type, int protocol) {
  return call(g_socket, SYS_socket, domain, type, protocol);
}

int bind(int fd, const sockaddr* address, socklen_t length) {
  return call(g_bind, SYS_bind, fd, address, length);
}

int listen(int fd, int backlog) { return call(g_listen, SYS_listen, fd, backlog); }

int connect(int fd, const sockaddr* address, socklen_t length) {
  return call(g_connect, SYS_connect, fd, address, length);
}

int accept(int fd, sockaddr* address, socklen_t* length) {
  // Not every architecture has a system call of that name; accept4 without flags is the same.
  if (auto* found = g_accept.get()) return found(fd, address, length);
  return static_cast<int>(system::libc_result(system::call(SYS_accept4, fd, address, length, 0)));
}

int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  return call(g_accept4, SYS_accept4, fd, address, length, flags);
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t length) {
  return call(g_setsockopt, SYS_setsockopt, fd, level, name, value, length);
}

int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return call(g_prctl, SYS_prctl, option, a, b, c, d);
}

#ifndef __LP64__
int setsockopt_time64(int fd, int level, int name, const void* value, socklen_t length) {
  return call(g_setsockopt_time64, SYS_setsockopt, fd, level, name, value, length);
}

int prctl_time64(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return call(g_prctl_time64, SYS_prctl, option, a, b, c, d);
}
#endif

SetFunction* setsockopt_function() {
  SetFunction* found = g_setsockopt.get();
  return found != nullptr ? found : &setsockopt;
}

SyscallFunction* find_syscall() {
  auto* found = reinterpret_cast<SyscallFunction*>(next_symbol("syscall"));
  sockopt_next_syscall.store(found, std::memory_order_relaxed);
  return found;
}

void resolve() {
  g_socket.find();
  g_bind.find();
  g_listen.find();
  g_connect.find();
  g_accept.find();
  g_accept4.find();
  g_setsockopt.find();
  g_prctl.find();
  find_syscall();
#ifndef __LP64__
  g_setsockopt_time64.find();
  g_prctl_time64.find();
#endif
}

}  // namespace sockopt::real
