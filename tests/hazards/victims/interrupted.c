/* SPDX-License-Identifier: MIT
 *
 * interrupted: makes each socket call once, and none that reads or sets an option. Wherever
 * somebody else does so in the middle of one (libraries/interrupting.c sees to that), a signal
 * handler does the same work, and so does a forked child, in which the interrupted call never goes
 * on. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>

#include "victim.h"

static volatile int busy, times, handled, good_children;

/* Every call, by itself; whether the accepted socket has its options. */
static int serve_once(void) {
  const int listener = listen_on(1, 5);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  const int connected = connect_to(client, listener);
  const int fd = accept(listener, NULL, NULL);
  const int good = connected == 0 && keepidle(fd) == 61;
  close(fd);
  close(client);
  close(listener);
  return good;
}

static void on_signal(int number) {
  (void)number;
  handled += serve_once();
}

void interrupted(void);
void interrupted(void) {
  if (busy) return;
  busy = 1;
  ++times;
  const int saved = errno;
  raise(SIGUSR1);
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatienceSeconds / 3);
    _exit(serve_once() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  good_children += status == 0;
  errno = saved;
  busy = 0;
}

/* How often a call was interrupted. */
static void tell_call(const char* call, int result) {
  static int before;
  if (result < 0) die(call);
  if (errno != kSentinel) die("errno has changed");
  tell(call, "%d", times - before);
  before = times;
  errno = kSentinel;
}

int main(void) {
  alarm(kPatienceSeconds);
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGUSR1, &action, NULL);
  const struct sockaddr_in address = loopback(1);
  struct sockaddr_in bound = {0};
  socklen_t size = sizeof bound;
  errno = kSentinel;
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  tell_call("socket", listener);
  tell_call("bind", bind(listener, (const struct sockaddr*)&address, sizeof address));
  tell_call("listen", listen(listener, 5));
  if (syscall(SYS_getsockname, listener, &bound, &size)) die("getsockname");
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  tell_call("socket", client);
  tell_call("connect", connect(client, (const struct sockaddr*)&bound, sizeof bound));
  tell_call("accept", accept(listener, NULL, NULL));
  tell("times", "%d", times);
  tell("handled", "%d", handled);
  tell("children", "%d", good_children);
  return 0;
}
