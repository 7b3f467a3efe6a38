// SPDX-License-Identifier: MIT
//
// The exported functions.  Each calls the real one, exactly once and with the program's own
// arguments (the backlog excepted), and lets the socket hooks do their part before or after.  No
// policy lives here, and every one returns the real function's result and errno. syscall(2) is in
// syscall_hook.cc.
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "shim/preload/entry.h"
#include "shim/preload/real.h"
#include "shim/preload/startup.h"

using sockopt::socket_hooks;
using sockopt::SocketHooks;
namespace real = sockopt::real;

namespace {

// As MPTCP, and as TCP where the kernel refuses that: the program's result is that of the call it
// made.
[[gnu::noinline]] int open_as_mptcp(SocketHooks& hooks, int domain, int type, int protocol) {
  const int before = errno;
  constexpr int kMptcp = sockopt::kIpProtocolMptcp;
  int fd = real::socket(domain, type, kMptcp);
  const int error = fd < 0 ? errno : 0;
  if (error != 0) {
    errno = before;
    fd = real::socket(domain, type, protocol);
    if (fd < 0) return fd;
  }
  hooks.after_socket(fd, domain, type, error != 0 ? protocol : kMptcp);
  hooks.after_mptcp(fd, error);
  return fd;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int hook_socket(int domain, int type, int protocol) noexcept SOCKOPT_HOOK("socket");
int hook_socket(int domain, int type, int protocol) noexcept {
  SocketHooks* hooks = socket_hooks();
  if (hooks == nullptr) return real::socket(domain, type, protocol);
  if (hooks->opens_mptcp(domain, type, protocol)) {
    return open_as_mptcp(*hooks, domain, type, protocol);
  }
  const int fd = real::socket(domain, type, protocol);
  if (fd < 0) return fd;
  hooks->after_socket(fd, domain, type, protocol);
  return fd;
}

int hook_bind(int fd, const sockaddr* address, socklen_t length) noexcept SOCKOPT_HOOK("bind");
int hook_bind(int fd, const sockaddr* address, socklen_t length) noexcept {
  SocketHooks* hooks = socket_hooks();
  if (hooks == nullptr) return real::bind(fd, address, length);
  const bool hooked = hooks->before_bind(fd, address, length);
  const int result = real::bind(fd, address, length);
  if (hooked && result == 0) hooks->after_bind(fd);
  return result;
}

int hook_listen(int fd, int backlog) noexcept SOCKOPT_HOOK("listen");
int hook_listen(int fd, int backlog) noexcept {
  SocketHooks* hooks = socket_hooks();
  if (hooks == nullptr) return real::listen(fd, backlog);
  const sockopt::ListenCall call = hooks->before_listen(fd, backlog);
  const int result = real::listen(fd, call.backlog);
  if (result == 0) hooks->after_listen(fd, call);
  return result;
}

int hook_connect(int fd, const sockaddr* address, socklen_t length) SOCKOPT_HOOK("connect");
int hook_connect(int fd, const sockaddr* address, socklen_t length) {
  SocketHooks* hooks = socket_hooks();
  if (hooks == nullptr || !hooks->needs_connect_hook(fd)) return real::connect(fd, address, length);
  const sockopt::ConnectCall call = hooks->before_connect(fd, address, length);
  const int result = real::connect(fd, address, length);
  // While this one waited, another thread may have unmapped the address.
  hooks->after_connect(fd, call, result == 0 ? 0 : errno);
  return result;
}

}  // extern "C"

namespace {

// For a listener that is not prepared: adopts it, or gives each connection what it needs.
template <typename Accept>
[[gnu::noinline]] int accept_slow_path(SocketHooks& hooks, int listener, const Accept& accept) {
  if (hooks.needs_adoption(listener)) hooks.adopt(listener);
  const int fd = accept();
  hooks.after_accept(listener, fd, fd < 0 ? errno : 0);
  return fd;
}

// Nearly every call goes here: it writes two words, and nothing in it could touch errno.
template <typename Accept>
int accept_with(int listener, const Accept& accept) {
  SocketHooks* hooks = socket_hooks();
  if (hooks == nullptr) return accept();
  const std::uint32_t prepared = hooks->prepared(listener);
  if (prepared == 0) return accept_slow_path(*hooks, listener, accept);
  const int fd = accept();
  hooks->hand_on(prepared, fd);
  return fd;
}

template <typename Set>
[[gnu::always_inline]] inline int setsockopt_with(Set* set, int fd, int level, int name,
                                                  const void* value, socklen_t length) {
  SocketHooks* hooks = socket_hooks();
  if (hooks == nullptr) return set(fd, level, name, value, length);
  sockopt::KernelName instead;
  const sockopt::Setting* setting =
      hooks->before_setsockopt(fd, level, name, value, length, instead);
  if (setting != nullptr) {
    const sockopt::Value& ours = setting->value;
    const int result =
        setting->ignores ? 0 : set(fd, instead.level, instead.name, ours.data(), ours.length());
    hooks->after_replacement(fd, *setting, value, length);
    return result;
  }
  const int result = set(fd, level, name, value, length);
  if (result == 0) hooks->after_setsockopt(fd, level, name);
  return result;
}

// Once a program has installed a seccomp filter, or system call user dispatch, any call of ours may
// kill it. It does so by prctl, or by syscall.
template <typename Prctl>
[[gnu::always_inline]] inline int prctl_with(Prctl* real_prctl, int option, unsigned long a,
                                             unsigned long b, unsigned long c, unsigned long d) {
  const int result = real_prctl(option, a, b, c, d);
  if (result == 0 && sockopt::catches_calls(option, a)) sockopt::disable_hooks();
  return result;
}

}  // namespace

extern "C" {

int hook_accept(int fd, sockaddr* address, socklen_t* length) SOCKOPT_HOOK("accept");
int hook_accept(int fd, sockaddr* address, socklen_t* length) {
  return accept_with(fd, [=] { return real::accept(fd, address, length); });
}

int hook_accept4(int fd, sockaddr* address, socklen_t* length, int flags) SOCKOPT_HOOK("accept4");
int hook_accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  return accept_with(fd, [=] { return real::accept4(fd, address, length, flags); });
}

int hook_setsockopt(int fd, int level, int name, const void* value, socklen_t length) noexcept
    SOCKOPT_HOOK("setsockopt");
int hook_setsockopt(int fd, int level, int name, const void* value, socklen_t length) noexcept {
  return setsockopt_with(real::setsockopt, fd, level, name, value, length);
}

int hook_prctl(int option, unsigned long a, unsigned long b, unsigned long c,
               unsigned long d) noexcept SOCKOPT_HOOK("prctl");
int hook_prctl(int option, unsigned long a, unsigned long b, unsigned long c,
               unsigned long d) noexcept {
  return prctl_with(real::prctl, option, a, b, c, d);
}

#ifndef __LP64__
int __setsockopt64(int fd, int level, int name, const void* value, socklen_t length) noexcept {
  return setsockopt_with(real::setsockopt_time64, fd, level, name, value, length);
}

int __prctl_time64(int option, unsigned long a, unsigned long b, unsigned long c,
                   unsigned long d) noexcept {
  return prctl_with(real::prctl_time64, option, a, b, c, d);
}
#endif

}  // extern "C"
#pragma GCC visibility pop
