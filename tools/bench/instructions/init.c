/* SPDX-License-Identifier: MIT
 *
 * The first and only process of the guest: brings loopback up, runs each line of /runs, and turns
 * the machine off.  A line is: NAME VARIABLE=VALUE... -- PROGRAM ARGUMENT...  What the programs
 * print goes to the console between `begin NAME` and `end NAME STATUS`.  SUBJECTS_CGROUP names the
 * cgroup that the program runs in. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMostWords = 64 };

static void loopback_up(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0) perror("lo");
  close(fd);
}

static void allow_a_million_descriptors(void) {
  const struct rlimit limit = {1048576, 1048576};
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) perror("RLIMIT_NOFILE");
}

static void enter_cgroup(const char* path) {
  char file[256];
  int fd;
  snprintf(file, sizeof file, "%s/cgroup.procs", path);
  if (mkdir(path, 0755) != 0 && errno != EEXIST) perror(path);
  fd = open(file, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) {
    perror(file);
    _exit(127);
  }
  close(fd);
}

static void mount_at(const char* kind, const char* where) {
  mkdir(where, 0755);
  if (mount(kind, where, kind, 0, NULL) != 0) perror(where);
}

static void run(char* line) {
  char* variables[kMostWords] = {NULL};
  char* words[kMostWords] = {NULL};
  char* name = strtok(line, " \n");
  char* word;
  int count = 0;
  int status = -1;
  pid_t pid;
  if (name == NULL) return;
  while ((word = strtok(NULL, " \n")) != NULL && strcmp(word, "--") != 0) variables[count++] = word;
  for (count = 0; (word = strtok(NULL, " \n")) != NULL;) words[count++] = word;
  printf("begin %s\n", name);
  fflush(stdout);
  pid = fork();
  if (pid == 0) {
    for (char** variable = variables; *variable != NULL; ++variable) {
      if (strncmp(*variable, "SUBJECTS_DESCRIPTORS=", 21) == 0) allow_a_million_descriptors();
      if (strncmp(*variable, "SUBJECTS_CGROUP=", 16) == 0) enter_cgroup(*variable + 16);
    }
    execve(words[0], words, variables);
    perror(words[0]);
    _exit(127);
  }
  waitpid(pid, &status, 0);
  printf("end %s %d\n", name, status);
  fflush(stdout);
}

int main(void) {
  char line[1024];
  FILE* runs = fopen("/runs", "re");
  mount_at("proc", "/proc");
  mount_at("devtmpfs", "/dev");
  mount_at("sysfs", "/sys");
  mount_at("cgroup2", "/sys/fs/cgroup");
  mount_at("bpf", "/sys/fs/bpf");
  loopback_up();
  while (runs != NULL && fgets(line, sizeof line, runs) != NULL) run(line);
  puts("done");
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
  return 1;
}
