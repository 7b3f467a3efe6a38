/* SPDX-License-Identifier: MIT
 *
 * The least that can be done to know the options of other processes' sockets, or to change them and
 * to know what came of it: for each option a read, or a read, a write and a read, results thrown
 * away. What `sockopt show` and `sockopt apply` are measured against.
 *
 * usage: bare_calls PID... -- LEVEL:NAME[:VALUE]...
 * VALUE is a number, or a name behind `=`; without it the option is only read, once.
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

struct option {
  int level, name, is_set, is_wide;
  int number;
  long wide;
  const char* text;
};

static struct option options[100];
static int option_count;

static void read_option(int copy, const struct option* option) {
  char bytes[256];
  socklen_t size = sizeof bytes;
  getsockopt(copy, option->level, option->name, bytes, &size);
}

static void write_option(int copy, const struct option* option) {
  const void* value = option->text      ? (const void*)option->text
                      : option->is_wide ? (const void*)&option->wide
                                        : (const void*)&option->number;
  const size_t size = option->text      ? strlen(option->text)
                      : option->is_wide ? sizeof option->wide
                                        : sizeof option->number;
  setsockopt(copy, option->level, option->name, value, (socklen_t)size);
}

static void change_socket(int copy) {
  char bytes[256];
  socklen_t size = sizeof bytes;
  struct stat status;
  fstat(copy, &status);
  getsockname(copy, (struct sockaddr*)bytes, &size);
  size = sizeof bytes;
  getpeername(copy, (struct sockaddr*)bytes, &size);
  for (int i = 0; i < option_count; ++i) {
    read_option(copy, &options[i]);
    if (!options[i].is_set) continue;
    write_option(copy, &options[i]);
    read_option(copy, &options[i]);
  }
}

static void change_process(int pid) {
  char path[64], target[8];
  int process = (int)syscall(SYS_pidfd_open, pid, 0);
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR* numbers = opendir(path);
  if (process < 0 || numbers == NULL) return;
  for (struct dirent* entry; (entry = readdir(numbers)) != NULL;) {
    if (readlinkat(dirfd(numbers), entry->d_name, target, sizeof target) != sizeof target ||
        memcmp(target, "socket:[", sizeof target) != 0) {
      continue;
    }
    int copy = (int)syscall(SYS_pidfd_getfd, process, atoi(entry->d_name), 0);
    if (copy < 0) continue;
    change_socket(copy);
    close(copy);
  }
  closedir(numbers);
  close(process);
}

static void parse(const char* text, struct option* option) {
  char value[64] = "";
  option->is_set = sscanf(text, "%d:%d:%63s", &option->level, &option->name, value) == 3;
  if (value[0] == '=') option->text = strdup(value + 1);
  option->wide = atol(value);
  option->number = (int)option->wide;
  option->is_wide = option->level == SOL_SOCKET && option->name == 47; /* SO_MAX_PACING_RATE */
}

int main(int argc, char** argv) {
  int at = 1;
  while (at < argc && strcmp(argv[at], "--") != 0) ++at;
  for (int i = at + 1; i < argc && option_count < 100; ++i)
    parse(argv[i], &options[option_count++]);
  for (int i = 1; i < at; ++i) change_process(atoi(argv[i]));
  return 0;
}
