/* SPDX-License-Identifier: MIT
 *
 * What the kernel tells `watch` of a new listener or connection. Included by the program in the
 * kernel, too, so it is C. */
#pragma once

#include <linux/types.h>

/* NOLINTBEGIN(readability-identifier-naming): as C has it */

/* The program of `watch` on each cgroup that it watches, by which others see that it runs. */
#define WATCH_PROGRAM "sockopt_listen"

enum { SOCKET_RING_BYTES = 256 * 1024 }; /* room for some 3,500 of them */

struct socket_event {
  __u64 cookie;     /* SO_COOKIE */
  __u64 net_cookie; /* SO_NETNS_COOKIE */
  __u64 inode;      /* of the socket; 0: not known */
  __u32 pid;        /* of the process that listens or connects, for the kernel; 0: not known */
  __u32 connects;   /* and the address is its peer's */
  __u32 family;
  __u32 address[4]; /* in network order, of an IPv4 socket the first alone */
  __u32 port;
};

/* NOLINTEND(readability-identifier-naming) */
