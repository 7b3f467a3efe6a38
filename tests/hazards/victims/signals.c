/* SPDX-License-Identifier: MIT
 *
 * signals [once]: a signal handler that does socket work, on a stack of its own, in the middle of
 * the same work of the main program; or once, in the middle of nothing. It tells how much of that
 * stack was used. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>

#include "victim.h"

enum { kStack = 256 * 1024, kPattern = 0x5a, kRuns = 12, kRounds = 30 };

static unsigned char stack[kStack];
static volatile int runs, lacking, errno_changed, failures;

static void serve_once(void) {
  const struct sockaddr_in address = loopback(1);
  errno = kSentinel;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || set_keepidle(listener, 61) ||
      bind(listener, (const struct sockaddr*)&address, sizeof address) || listen(listener, 5)) {
    ++failures;
  }
  if (errno != kSentinel) ++errno_changed;
  const int client = dial(listener);
  errno = kSentinel;
  const int fd = accept(listener, NULL, NULL);
  if (fd < 0) ++failures;
  if (errno != kSentinel) ++errno_changed;
  if (int_option(fd, IPPROTO_TCP, TCP_KEEPCNT) != 5) ++lacking;
  if (int_option(fd, SOL_SOCKET, SO_PRIORITY) != 4) ++lacking;
  close(fd);
  close(client);
  close(listener);
}

static void on_signal(int number) {
  (void)number;
  const int saved = errno;
  serve_once();
  ++runs;
  errno = saved;
}

int main(int argc, char** argv) {
  (void)argv;
  alarm(kPatienceSeconds);
  memset(stack, kPattern, sizeof stack);
  const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGPROF, &action, NULL);
  if (argc == 1) {
    const struct itimerval often = {{0, 500}, {0, 500}};
    setitimer(ITIMER_PROF, &often, NULL); /* as much processor time as that, however busy it is */
    for (int round = 0; round < kRounds || runs < kRuns; ++round) serve_once();
    const struct itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_PROF, &never, NULL);
  }
  raise(SIGUSR1);
  size_t unused = 0;
  while (unused < sizeof stack && stack[unused] == kPattern) ++unused;
  tell("runs", "%d", runs);
  tell("lacking", "%d", lacking);
  tell("errno-changed", "%d", errno_changed);
  tell("failures", "%d", failures);
  tell("stack", "%zu", sizeof stack - unused);
  return 0;
}
