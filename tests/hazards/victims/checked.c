/* SPDX-License-Identifier: MIT
 *
 * A small server, its clients and a UNIX pair, to be looked at by a checker of memory or of
 * threads. Addresses and lengths are the heap's, and of no more bytes than they need; nobody wrote
 * to the padding. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/un.h>

#include "victim.h"

enum { kThreads = 4, kConnections = 10 };

static int listeners[2];

static void* copy(const void* from, size_t size) { return memcpy(malloc(size), from, size); }

/* The loopback address with a port, as far as it means something. */
static struct sockaddr* address_of(int family, in_port_t port, socklen_t* size) {
  if (family == AF_INET) {
    struct sockaddr_in* address = malloc(*size = sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = port;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return (struct sockaddr*)address;
  }
  struct sockaddr_in6* address = calloc(1, *size = sizeof *address);
  address->sin6_family = AF_INET6;
  address->sin6_port = port;
  address->sin6_addr = in6addr_loopback;
  return (struct sockaddr*)address;
}

static int family_of(int i) { return i ? AF_INET6 : AF_INET; }

static int open_listener(int family) {
  socklen_t size;
  const int fd = socket(family, SOCK_STREAM, 0);
  struct sockaddr* address = address_of(family, 0, &size);
  if (bind(fd, address, size) || listen(fd, 128)) die("listener");
  free(address);
  return fd;
}

static void connect_to_listener(int i) {
  struct sockaddr_in6 name; /* the port is where it is in the other */
  socklen_t size = sizeof name;
  if (getsockname(listeners[i], (struct sockaddr*)&name, &size)) die("getsockname");
  const int fd = socket(family_of(i), SOCK_STREAM, 0);
  struct sockaddr* address = address_of(family_of(i), name.sin6_port, &size);
  if (connect(fd, address, size)) die("connect");
  free(address);
  struct sockaddr* nobody = calloc(1, sizeof *nobody); /* AF_UNSPEC */
  connect(fd, nobody, sizeof *nobody);
  free(nobody);
  close(fd);
}

static void* serve(void* listener) {
  for (int i = 0; i < kConnections; ++i) {
    const int idle = 30;
    struct sockaddr_storage* peer = malloc(sizeof *peer);
    socklen_t* size = malloc(sizeof *size);
    *size = sizeof *peer;
    const int fd = i % 2 ? accept(*(int*)listener, (struct sockaddr*)peer, size)
                         : accept4(*(int*)listener, NULL, NULL, SOCK_CLOEXEC);
    int* value = copy(&idle, sizeof idle);
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, value, sizeof *value)) die("serve");
    free(value);
    free(peer);
    free(size);
    close(fd);
  }
  return NULL;
}

static void* call(void* i) {
  for (int n = 0; n < kConnections; ++n) connect_to_listener(*(int*)i);
  return NULL;
}

static void meet_locally(void) {
  struct sockaddr_un* address = calloc(1, sizeof *address);
  address->sun_family = AF_UNIX;
  snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "sockopt-checked-%d", getpid());
  const socklen_t size = (socklen_t)(sizeof(sa_family_t) + 2 + strlen(address->sun_path + 1));
  struct sockaddr* exact = copy(address, size);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  const int client = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, exact, size) || listen(listener, 5) || connect(client, exact, size)) {
    die("unix");
  }
  close(accept(listener, NULL, NULL));
  close(client);
  close(listener);
  free(exact);
  free(address);
}

int main(void) {
  pthread_t threads[kThreads];
  int numbers[2] = {0, 1};
  alarm(8 * kPatienceSeconds);
  meet_locally();
  for (int i = 0; i < 2; ++i) listeners[i] = open_listener(family_of(i));
  for (int i = 0; i < 2; ++i) pthread_create(threads + i, NULL, serve, listeners + i);
  for (int i = 0; i < 2; ++i) pthread_create(threads + 2 + i, NULL, call, numbers + i);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  tell("served", "%d", 2 * kConnections);
  return 0;
}
