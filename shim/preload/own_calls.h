// SPDX-License-Identifier: MIT
//
// The calls on sockets that the library makes of its own accord, as SocketOps has them. None is
// made once the hooks are disabled, which is looked at right before each: a filter that another
// thread installs for all of them meets a hook that is at work.
#pragma once

#include "shim/sockets/socket_ops.h"

namespace sockopt::own_calls {

// Each returns EBADF where it is not made: as of a descriptor that is gone, no more is tried and
// nothing is said.
int get_option(int fd, int level, int name, void* value, socklen_t* length);
int get_local(int fd, sockaddr* address, socklen_t* length);
int get_peer(int fd, sockaddr* address, socklen_t* length);

/// All of them, once the real functions are known.
[[gnu::cold]] SocketOps all();

/// From now on, another library behind this one that has these functions, too, is called. It is
/// not before its constructor has run.
[[gnu::cold]] void begin_to_call_others();

}  // namespace sockopt::own_calls
