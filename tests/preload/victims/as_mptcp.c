/* Another shim, as mptcpize's is: it opens the program's TCP sockets as MPTCP. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

typedef int socket_function(int, int, int);

int socket(int domain, int type, int protocol) {
  socket_function* next = (socket_function*)dlsym(RTLD_NEXT, "socket");
  const int is_tcp = (domain == AF_INET || domain == AF_INET6) && (type & 0xf) == SOCK_STREAM &&
                     (protocol == 0 || protocol == IPPROTO_TCP);
  return next(domain, type, is_tcp ? 262 : protocol);
}
