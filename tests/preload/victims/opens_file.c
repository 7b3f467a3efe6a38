/* SPDX-License-Identifier: MIT
 *
 * A library whose constructor opens a file of its own, OPENS_FILE, and keeps it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void open_file(void) {
  const char* path = getenv("OPENS_FILE");
  const int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (fd >= 0) dprintf(fd, "data of number %d\n", fd);
}
