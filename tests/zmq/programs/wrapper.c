// SPDX-License-Identifier: MIT
//
// Wraps zmq_socket, and nothing else, as a library does that watches a program.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

void* zmq_socket(void* context, int type) {
  void* (*next)(void*, int) = (void* (*)(void*, int))dlsym(RTLD_NEXT, "zmq_socket");
  printf("wrapped\n");
  return next(context, type);
}
