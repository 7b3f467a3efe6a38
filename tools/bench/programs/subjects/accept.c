/* SPDX-License-Identifier: MIT
 *
 * Accepting connections that wait in the queue. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "subjects.h"

static int* fds;
static int* others; /* their other ends */
static int listener = -1;
static struct address address;

static void make_room(void) {
  fds = calloc((size_t)operations, sizeof *fds);
  others = calloc((size_t)operations, sizeof *others);
  if (fds == NULL || others == NULL) fail("calloc");
}

static void open_plain(void) {
  make_room();
  listener = open_listener(&address, 0);
}

static void open_own(void) {
  make_room();
  listener = open_listener(&address, 1);
}

static void open_unix(void) {
  struct sockaddr* generic = (struct sockaddr*)&address.storage;
  make_room();
  generic->sa_family = AF_UNIX; /* the kernel chooses the name */
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, generic, sizeof generic->sa_family) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  address.size = sizeof address.storage;
  if (getsockname(listener, generic, &address.size) != 0) fail("getsockname");
}

static void fill_queue(void) { connect_directly(others, operations, &address); }

static void accept_all(void) {
  for (long i = 0; i < operations; ++i) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    fds[i] = accept4(listener, (struct sockaddr*)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  }
}

static void accept_and_set_all(void) {
  for (long i = 0; i < operations; ++i) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    fds[i] = accept4(listener, (struct sockaddr*)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    set_six(fds[i]);
  }
}

static void close_all(void) {
  for (long i = 0; i < operations; ++i) {
    errno = EBADF;
    if (fds[i] < 0) fail("accept4");
  }
  close_directly(others, operations);
  close_directly(fds, operations);
}

const struct subject kAccepting[] = {
    {"accept", open_plain, fill_queue, accept_all, close_all},
    {"accept-own-listener", open_own, fill_queue, accept_all, close_all},
    {"accept-own-each", open_plain, fill_queue, accept_and_set_all, close_all},
    {"unix-accept", open_unix, fill_queue, accept_all, close_all},
    {NULL, NULL, NULL, NULL, NULL},
};
