// SPDX-License-Identifier: MIT
#include "shim/preload/own_calls.h"

#include <atomic>
#include <cerrno>

#include "shim/preload/hook_switch.h"
#include "shim/preload/real.h"
#include "shim/system/syscalls.h"

namespace sockopt::own_calls {
namespace {

constinit std::atomic<bool> g_others_are_ready = false;

// Another library's function may open a socket itself, which leads here again.
[[gnu::tls_model("initial-exec")]] constinit thread_local bool t_calls_others = false;

bool calls_others() {
  return g_others_are_ready.load(std::memory_order_relaxed) && !t_calls_others;
}

template <typename Call>
int call_others(const Call& call) {
  t_calls_others = true;
  const int error = SocketOps::without_errno(call);
  t_calls_others = false;
  return error;
}

// Each new socket makes several.
int set_directly(int fd, int level, int name, const void* value, socklen_t length) {
  return hooks_are_disabled() ? EBADF : system::set_option(fd, level, name, value, length);
}

[[gnu::cold]] int set_by_others(int fd, int level, int name, const void* value, socklen_t length) {
  if (!calls_others()) return set_directly(fd, level, name, value, length);
  if (hooks_are_disabled()) return EBADF;
  return call_others([=] { return real::setsockopt(fd, level, name, value, length); });
}

[[gnu::cold]] int listen(int fd, int backlog) {
  if (hooks_are_disabled()) return EBADF;
  if (!calls_others()) return system::listen_again(fd, backlog);
  return call_others([=] { return real::listen(fd, backlog); });
}

}  // namespace

void begin_to_call_others() { g_others_are_ready.store(true, std::memory_order_relaxed); }

SocketOps all() {
  return {real::setsockopt_is_the_c_librarys() ? set_directly : set_by_others, get_option,
          get_local, get_peer, listen};
}

int get_option(int fd, int level, int name, void* value, socklen_t* length) {
  return hooks_are_disabled() ? EBADF : system::get_option(fd, level, name, value, length);
}

int get_local(int fd, sockaddr* address, socklen_t* length) {
  return hooks_are_disabled() ? EBADF : system::get_local(fd, address, length);
}

int get_peer(int fd, sockaddr* address, socklen_t* length) {
  return hooks_are_disabled() ? EBADF : system::get_peer(fd, address, length);
}

}  // namespace sockopt::own_calls
