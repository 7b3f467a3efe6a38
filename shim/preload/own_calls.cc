// SPDX-License-Identifier: MIT
#include "shim/preload/own_calls.h"

#include <atomic>
#include <cerrno>

#include "shim/preload/real.h"
#include "shim/preload/startup.h"
#include "shim/system/syscalls.h"

namespace sockopt::own_calls {
namespace {

constinit std::atomic<bool> g_others_are_ready = false;

bool others_are_ready() { return g_others_are_ready.load(std::memory_order_relaxed); }

}  // namespace

void begin_to_call_others() { g_others_are_ready.store(true, std::memory_order_relaxed); }

int set_option(int fd, int level, int name, const void* value, socklen_t length) {
  if (hooks_are_disabled()) return EBADF;
  if (real::setsockopt_is_the_c_librarys() || !others_are_ready()) {
    return system::set_option(fd, level, name, value, length);
  }
  return SocketOps::without_errno([=] { return real::setsockopt(fd, level, name, value, length); });
}

int listen(int fd, int backlog) {
  if (hooks_are_disabled()) return EBADF;
  if (!others_are_ready()) return system::listen_again(fd, backlog);
  return SocketOps::without_errno([=] { return real::listen(fd, backlog); });
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
