/* SPDX-License-Identifier: MIT
 *
 * The least that can be done to read the options of other processes' sockets: the system calls,
 * their results thrown away. What `sockopt show` is measured against by show.sh.
 *
 * usage: bare_show PID... -- LEVEL:NAME...
 */
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int levels[100], names[100], options;

static void read_socket(int copy) {
  char bytes[256];
  socklen_t size = sizeof bytes;
  struct stat status;
  fstat(copy, &status);
  getsockname(copy, (struct sockaddr *)bytes, &size);
  size = sizeof bytes;
  getpeername(copy, (struct sockaddr *)bytes, &size);
  for (int i = 0; i < options; ++i) {
    size = sizeof bytes;
    getsockopt(copy, levels[i], names[i], bytes, &size);
  }
}

static long read_process(int pid) {
  char path[64], target[8];
  long sockets = 0;
  int process = (int)syscall(SYS_pidfd_open, pid, 0);
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR *numbers = opendir(path);
  if (process < 0 || numbers == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(numbers)) != NULL;) {
    if (readlinkat(dirfd(numbers), entry->d_name, target, sizeof target) != sizeof target ||
        memcmp(target, "socket:[", sizeof target) != 0) {
      continue;
    }
    int copy = (int)syscall(SYS_pidfd_getfd, process, atoi(entry->d_name), 0);
    if (copy < 0) continue;
    read_socket(copy);
    close(copy);
    ++sockets;
  }
  closedir(numbers);
  close(process);
  return sockets;
}

int main(int argc, char **argv) {
  int at = 1;
  long sockets = 0;
  while (at < argc && strcmp(argv[at], "--") != 0) ++at;
  for (int i = at + 1; i < argc && options < 100; ++i, ++options) {
    sscanf(argv[i], "%d:%d", &levels[options], &names[options]);
  }
  for (int i = 1; i < at; ++i) sockets += read_process(atoi(argv[i]));
  printf("%ld\n", sockets);
  return 0;
}
