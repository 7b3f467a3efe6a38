// SPDX-License-Identifier: MIT
//
// The calls that the core makes on sockets, as a table: the library puts in the real functions, the
// command its own, a test a recorder.
#pragma once

#include <sys/socket.h>

namespace sockopt {

struct SocketOps {
  int (*set)(int fd, int level, int name, const void* value, socklen_t length);
  int (*get)(int fd, int level, int name, void* value, socklen_t* length);
  int (*local)(int fd, sockaddr* address, socklen_t* length);  ///< getsockname(2)
  int (*peer)(int fd, sockaddr* address, socklen_t* length);   ///< getpeername(2)
  int (*listen)(int fd, int backlog);

  /// An int option; -1 where it cannot be read.
  int get_int(int fd, int level, int name) const {
    int value = 0;
    socklen_t length = sizeof value;
    return get(fd, level, name, &value, &length) == 0 ? value : -1;
  }
};

}  // namespace sockopt
