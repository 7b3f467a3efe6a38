/* SPDX-License-Identifier: MIT
 *
 * Calls that are not about TCP. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <unistd.h>

#include "subjects.h"

static void open_and_close_all(int family, int type) {
  for (long i = 0; i < operations; ++i) close(socket(family, type, 0));
}
static void udp_all(void) { open_and_close_all(domain, SOCK_DGRAM); }
static void unix_all(void) { open_and_close_all(AF_UNIX, SOCK_STREAM); }

static void pipe_all(void) {
  for (long i = 0; i < operations; ++i) {
    int ends[2];
    if (pipe(ends) != 0) fail("pipe");
    close(ends[0]);
    close(ends[1]);
  }
}

static void file_all(void) {
  for (long i = 0; i < operations; ++i) close(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/* A connected UDP socket, as a resolver uses it. */
static void udp_connect_all(void) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(9)};
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (long i = 0; i < operations; ++i) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(fd, (struct sockaddr*)&peer, sizeof peer) != 0) fail("connect");
    close(fd);
  }
}

const struct subject kUntouched[] = {
    {"nothing", nothing, nothing, nothing, nothing},
    {"udp", nothing, nothing, udp_all, nothing},
    {"udp-connect", nothing, nothing, udp_connect_all, nothing},
    {"unix", nothing, nothing, unix_all, nothing},
    {"pipe", nothing, nothing, pipe_all, nothing},
    {"file", nothing, nothing, file_all, nothing},
    {NULL, NULL, NULL, NULL, NULL},
};
