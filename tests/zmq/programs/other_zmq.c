// SPDX-License-Identifier: MIT
//
// Another libzmq, under a name as a wheel of Python's gives it: an old one, that knows no option
// with a number above 60. It prints what is set.
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static int socket_of_all;
static int linger;

void zmq_version(int* major, int* minor, int* patch) {
  *major = 4;
  *minor = 1;
  *patch = 5;
}

int zmq_bind(void* socket, const char* endpoint) { return socket == NULL || endpoint == NULL; }
int zmq_connect(void* socket, const char* endpoint) { return socket == NULL || endpoint == NULL; }
int zmq_unbind(void* socket, const char* endpoint) { return socket == NULL || endpoint == NULL; }
int zmq_disconnect(void* socket, const char* endpoint) { return socket == NULL || !endpoint; }

void* zmq_ctx_new(void) { return &socket_of_all; }
int zmq_ctx_term(void* context) { return context == NULL; }
void* zmq_socket(void* context, int type) {
  linger = 4711;
  return context == NULL || type < 0 ? NULL : &socket_of_all;
}
int zmq_close(void* socket) { return socket == NULL; }

int zmq_setsockopt(void* socket, int option, const void* value, size_t size) {
  int number = 0;
  if (socket == NULL || option > 60 || size != sizeof number) {
    errno = EINVAL;
    return -1;
  }
  memcpy(&number, value, sizeof number);
  if (option == 17) linger = number;
  printf("other libzmq: %d = %d\n", option, number);
  return 0;
}

int zmq_getsockopt(void* socket, int option, void* value, size_t* size) {
  const int number = option == 17 ? linger : 5;
  if (socket == NULL || *size < sizeof number) return -1;
  memcpy(value, &number, sizeof number);
  return 0;
}
