/* SPDX-License-Identifier: MIT
 *
 * Clients: a connection from socket to close. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "subjects.h"

static int listener = -1;
static struct address address;

static void begin(void) { listener = open_listener(&address, 0); }

static inline void connect_one(int own) {
  const int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (own) set_six(fd);
  if (connect(fd, (struct sockaddr*)&address.storage, address.size) != 0) fail("connect");
  close(fd);
}

static void connect_all(void) {
  for (long i = 0; i < operations; ++i) connect_one(0);
}

static void set_and_connect_all(void) {
  for (long i = 0; i < operations; ++i) connect_one(1);
}

/* The address where most programs have it. */
static void connect_from_stack_all(void) {
  for (long i = 0; i < operations; ++i) {
    struct address copy;
    memcpy(&copy, &address, sizeof copy);
    const int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr*)&copy.storage, copy.size) != 0) fail("connect");
    close(fd);
  }
}

/* Their ends at the listener, all of them reset. */
static void drop_queue(void) {
  for (long i = 0; i < operations; ++i) {
    const int fd = (int)syscall(SYS_accept4, listener, NULL, NULL, 0);
    if (fd < 0) fail("accept4");
    syscall(SYS_close, fd);
  }
}

/* Both ends, one connection after the other. */
static void connect_and_accept_all(void) {
  for (long i = 0; i < operations; ++i) {
    const int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr*)&address.storage, address.size) != 0) fail("connect");
    const int other = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (other < 0) fail("accept4");
    close(fd);
    close(other);
  }
}

const struct subject kClients[] = {
    {"client", begin, nothing, connect_all, drop_queue},
    {"client-own", begin, nothing, set_and_connect_all, drop_queue},
    {"client-stack", begin, nothing, connect_from_stack_all, drop_queue},
    {"whole", begin, nothing, connect_and_accept_all, nothing},
    {NULL, NULL, NULL, NULL, NULL},
};
