/* SPDX-License-Identifier: MIT
 *
 * A library that opens sockets for its program. */
#include <sys/socket.h>

int open_socket(int domain, int type, int protocol) { return socket(domain, type, protocol); }
