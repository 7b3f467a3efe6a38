// SPDX-License-Identifier: MIT
//
// The functions that the hooks intercept: the next definition after ours, from libc or from another
// preloaded library.  `real::connect(fd, ...)` is what the program would have called without us.
#pragma once

#include <sys/socket.h>

namespace sockopt::real {

int socket(int domain, int type, int protocol);
int bind(int fd, const sockaddr* address, socklen_t length);
int listen(int fd, int backlog);
int connect(int fd, const sockaddr* address, socklen_t length);
int accept(int fd, sockaddr* address, socklen_t* length);
int accept4(int fd, sockaddr* address, socklen_t* length, int flags);
int setsockopt(int fd, int level, int name, const void* value, socklen_t length);
int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
long syscall(long number, long a, long b, long c, long d, long e, long f);
#ifndef __LP64__
// What a 32-bit program calls instead of the two if its time_t has 64 bits (_TIME_BITS).
int setsockopt_time64(int fd, int level, int name, const void* value, socklen_t length);
int prctl_time64(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
#endif

/// Whether the next setsockopt is the C library's, and no other shim's: then
/// the system call is all that it does.
bool setsockopt_is_the_c_librarys();

/// Finds them all, by the constructor.  A hook that runs before it finds them on its first call.
void resolve();

/// Whether the loader is done with this library.  Before that, an IFUNC's resolver of another
/// object can call a hook: then nothing may be called or read that lies outside this library, errno
/// included.
bool is_relocated();

}  // namespace sockopt::real
