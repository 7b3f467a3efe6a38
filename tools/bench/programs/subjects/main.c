/* SPDX-License-Identifier: MIT
 *
 * The calls that are measured, in a program that knows nothing of who is preloaded into it:
 *
 *     subjects SUBJECT FAMILY OPERATIONS CLOCK [ROUNDS]
 *
 * FAMILY is `ipv4`, `ipv6`, `mptcp` (IPv4, such listeners) or `mptcp-clients` (with such clients).
 *
 * A round prepares, takes the time of OPERATIONS operations, prints how long they took altogether,
 * and tidies up.  Without ROUNDS the three are commands on standard input (`p`, `r`, `t`), each
 * answered by a line, so that whoever compares several programs can let them take turns.
 *
 * CLOCK is `ns`; `cpu`, the nanoseconds of processor time; `tsc`, the processor's counter, which
 * under qemu -icount is the number of instructions; or `mark`, a signal that only a tracer takes
 * notice of.
 *
 * What is not measured makes its system calls directly, past every preloaded library. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "subjects.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

long operations;
int domain;
int protocol;
int protocol_of_clients = IPPROTO_TCP;

void nothing(void) {}

_Noreturn void fail(const char* what) {
  fprintf(stderr, "subjects: %s: %s\n", what, strerror(errno));
  exit(1);
}

long number_of(const char* variable, long otherwise) {
  const char* value = getenv(variable);
  return value != NULL ? strtol(value, NULL, 10) : otherwise;
}

static unsigned long long time_by(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (unsigned long long)now.tv_sec * 1000000000ULL + (unsigned long long)now.tv_nsec;
}

static unsigned long long nanoseconds(void) { return time_by(CLOCK_MONOTONIC); }

/* With that of the processes it has waited for. */
static unsigned long long processor_time(void) {
  struct rusage children;
  getrusage(RUSAGE_CHILDREN, &children);
  return time_by(CLOCK_PROCESS_CPUTIME_ID) +
         (unsigned long long)(children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1000000000ULL +
         (unsigned long long)(children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1000ULL;
}

static unsigned long long counter(void) {
#ifdef __x86_64__
  return __builtin_ia32_rdtsc();
#else
  return nanoseconds();
#endif
}

static pid_t own_pid;

static unsigned long long mark(void) {
  kill(own_pid, SIGURG);
  return 0;
}

static unsigned long long time_of(const struct subject* subject, unsigned long long (*now)(void)) {
  const unsigned long long begin = now();
  subject->run();
  return now() - begin;
}

static const struct subject* find(const char* name) {
  static const struct subject* const kLists[] = {kAccepting, kClients, kUntouched, kStarting,
                                                 kThreaded};
  for (size_t i = 0; i < sizeof kLists / sizeof *kLists; ++i) {
    for (const struct subject* one = kLists[i]; one->name != NULL; ++one) {
      if (strcmp(one->name, name) == 0) return one;
    }
  }
  return NULL;
}

static void allow_many_descriptors(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/* As many in front as SUBJECTS_DESCRIPTORS says, so that ours have high numbers. */
static void occupy_descriptors(void) {
  const long count = number_of("SUBJECTS_DESCRIPTORS", 0);
  const int file = count > 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
  for (long i = 1; i < count; ++i) {
    if (dup(file) < 0) fail("dup");
  }
}

int main(int argc, char** argv) {
  const struct subject* subject;
  unsigned long long (*now)(void) = nanoseconds;
  char line[16];
  if (argc < 5) return 2;
  subject = find(argv[1]);
  domain = strcmp(argv[2], "ipv6") == 0 ? AF_INET6 : AF_INET;
  if (strncmp(argv[2], "mptcp", 5) == 0) protocol = IPPROTO_MPTCP;
  if (strcmp(argv[2], "mptcp-clients") == 0) protocol_of_clients = IPPROTO_MPTCP;
  operations = strtol(argv[3], NULL, 10);
  if (strcmp(argv[4], "cpu") == 0) now = processor_time;
  if (strcmp(argv[4], "tsc") == 0) now = counter;
  if (strcmp(argv[4], "mark") == 0) now = mark;
  own_pid = getpid();
  if (subject == NULL || operations < 1) return 2;

  allow_many_descriptors();
  occupy_descriptors();
  subject->begin();
  if (argc > 5) {
    for (long rounds = strtol(argv[5], NULL, 10); rounds > 0; --rounds) {
      subject->prepare();
      printf("%llu\n", time_of(subject, now));
      subject->tidy();
    }
    return 0;
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long long taken = 0;
    if (line[0] == 'p') subject->prepare();
    if (line[0] == 'r') taken = time_of(subject, now);
    if (line[0] == 't') subject->tidy();
    printf("%llu\n", taken);
    fflush(stdout);
  }
  return 0;
}
