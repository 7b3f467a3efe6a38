// SPDX-License-Identifier: MIT
//
// The calls that the core makes on sockets, as a table: the library fills in the real functions,
// the command its own, a test a recorder.  Each returns 0 or the kernel's error number, and leaves
// errno alone: a child that shares its parent's memory shares that, too.
#pragma once

#include <sys/socket.h>

#include <cerrno>

namespace sockopt {

struct SocketOps {
  int (*set)(int fd, int level, int name, const void* value, socklen_t length);
  int (*get)(int fd, int level, int name, void* value, socklen_t* length);
  int (*local)(int fd, sockaddr* address, socklen_t* length);  ///< getsockname(2)
  int (*peer)(int fd, sockaddr* address, socklen_t* length);   ///< getpeername(2)
  int (*listen)(int fd, int backlog);

  /// What a function of libc's returned, as one of these has to.
  template <typename Call>
  static int without_errno(const Call& call) {
    const int before = errno;
    if (call() == 0) return 0;
    const int error = errno;
    errno = before;
    return error;
  }

  /// An int option; -1 if it cannot be read.
  int get_int(int fd, int level, int name) const {
    int value = 0;
    socklen_t length = sizeof value;
    return get(fd, level, name, &value, &length) == 0 ? value : -1;
  }
};

}  // namespace sockopt
