/* Another shim, as proxychains and tsocks are: it connects a socket of its own, past whoever stands
   in front of it, and moves it onto the program's number. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

typedef int connect_function(int, const struct sockaddr*, socklen_t);

int connect(int fd, const struct sockaddr* address, socklen_t length) {
  connect_function* next = (connect_function*)dlsym(RTLD_NEXT, "connect");
  const int own = socket(address->sa_family, SOCK_STREAM, 0);
  const int result = next(own, address, length);
  if (result == 0) dup2(own, fd);
  close(own);
  return result;
}
