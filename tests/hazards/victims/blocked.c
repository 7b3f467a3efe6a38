/* SPDX-License-Identifier: MIT
 *
 * blocked: threads that wait in accept, accept4 and connect, and may do so for ever. Nobody else
 * may have to wait for them: not the other threads, and not a child that they are not in. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/wait.h>

#include "victim.h"

/* In the order in which they wait: on a listener of the program's, on one that the library never
 * saw, for a peer whose queue is full. */
enum { kAccept, kAccept4, kConnect, kWaiting };
static int places[kWaiting];
static int results[kWaiting];
static pid_t threads[kWaiting];

static void* wait_for_ever(void* number) {
  const long which = (long)number;
  __atomic_store_n(threads + which, gettid(), __ATOMIC_SEQ_CST);
  if (which == kAccept) results[which] = accept(places[which], NULL, NULL);
  if (which == kAccept4) results[which] = accept4(places[which], NULL, NULL, SOCK_CLOEXEC);
  if (which == kConnect) connect_to(socket(AF_INET, SOCK_STREAM, 0), places[which]);
  return NULL;
}

/* Nobody's listener. */
static int bare_listener(int backlog) {
  const struct sockaddr_in address = loopback(1);
  const int fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  if (syscall(SYS_bind, fd, &address, sizeof address)) die("bind");
  if (syscall(SYS_listen, fd, backlog)) die("listen");
  return fd;
}

/* Every hooked call; the accepted socket's option. */
static int serve_once(void) {
  const int listener = listen_on(1, 5);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (set_keepidle(client, 30) || connect_to(client, listener)) return -1;
  const int fd = accept(listener, NULL, NULL);
  const int first = keepidle(fd);
  close(fd);
  dial(listener);
  return keepidle(accept4(listener, NULL, NULL, 0)) == first ? first : -1;
}

int main(void) {
  alarm(kPatienceSeconds);
  places[kAccept] = listen_on(1, 5);
  places[kAccept4] = bare_listener(5);
  places[kConnect] = bare_listener(0);
  dial(places[kConnect]); /* a queue of one, which is full now: nothing answers the next */
  pthread_t all[kWaiting];
  int waited = 0;
  for (long i = 0; i < kWaiting; ++i) {
    pthread_create(all + i, NULL, wait_for_ever, (void*)i);
    while (!__atomic_load_n(threads + i, __ATOMIC_SEQ_CST) || !is_asleep(threads[i])) {
      if (!pause_a_moment(&waited)) die("the thread does not wait");
    }
  }
  tell("served", "%d", serve_once());
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatienceSeconds / 3);
    _exit(serve_once());
  }
  int status = 0;
  waitpid(child, &status, 0);
  tell("child", "%d", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
  for (int i = kAccept; i <= kAccept4; ++i) {
    dial(places[i]);
    pthread_join(all[i], NULL);
    tell(i == kAccept ? "accept" : "accept4", "%d", keepidle(results[i]));
  }
  return 0;
}
