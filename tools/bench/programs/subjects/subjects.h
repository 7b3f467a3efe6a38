/* SPDX-License-Identifier: MIT
 *
 * What is measured, and what the subjects share. */
#pragma once

#include <sys/socket.h>

struct subject {
  const char* name;
  void (*begin)(void);   /* once */
  void (*prepare)(void); /* before each round */
  void (*run)(void);     /* what is measured: `operations` of them */
  void (*tidy)(void);    /* after each round */
};

/* Each ends with one that has no name. */
extern const struct subject kAccepting[];
extern const struct subject kClients[];
extern const struct subject kUntouched[];
extern const struct subject kStarting[];
extern const struct subject kThreaded[];

extern long operations;
extern int domain;              /* AF_INET or AF_INET6 */
extern int protocol;            /* of listeners */
extern int protocol_of_clients; /* that are not measured */

void nothing(void);
_Noreturn void fail(const char* what);
long number_of(const char* variable, long otherwise);

/* Six options, as somebody would write it who has the source. */
void set_six(int fd);

struct address {
  struct sockaddr_storage storage;
  socklen_t size;
};

/* A listener of `domain` on a port that the kernel chooses.  Whoever closes a connection last
 * resets it, so that none stays behind in TIME-WAIT. */
int open_listener(struct address* address, int with_six);

/* Connections to it, made past every preloaded library. */
void connect_directly(int* fds, long count, const struct address* address);
void close_directly(const int* fds, long count);
