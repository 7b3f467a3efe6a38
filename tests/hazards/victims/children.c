/* SPDX-License-Identifier: MIT
 *
 * children KIND: processes made in every way, while other threads are in the middle of socket
 * calls. A child that shares memory (vfork, CLONE_VM) has descriptors of its own: what it does to
 * them must not confuse its parent. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "victim.h"

extern char** environ;

static volatile int stop;

/* Everything that is hooked, and whether it came out as asked. */
static int serve_once(void) {
  const int listener = listen_on(1, 5);
  const int client = dial(listener);
  const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  const int good = keepidle(listener) == 61 && keepidle(fd) == 61;
  close(fd);
  close(client);
  close(listener);
  return good;
}

static void* serve_on(void* unused) {
  while (!stop) serve_once();
  return unused;
}

static int status_of(pid_t child) {
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child) die("child");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void fork_while_others_work(void) {
  enum { kThreads = 8, kChildren = 40 };
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) pthread_create(threads + i, NULL, serve_on, NULL);
  int good = 0;
  for (int i = 0; i < kChildren; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(kPatienceSeconds / 3); /* a lock that another thread held would never be released */
      _exit(serve_once() ? 0 : 1);
    }
    good += status_of(child) == 0;
  }
  stop = 1;
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  tell("children", "%d", kChildren);
  tell("good", "%d", good);
}

/* On the parent's numbers: a UNIX listener, a UDP socket and TCP sockets, used and closed. */
static int take_all_numbers(void* listeners_number) {
  for (int fd = 3; fd < 64; ++fd) syscall(SYS_close, fd);
  const int local = socket(AF_UNIX, SOCK_STREAM, 0);
  for (int i = 0; i < 20; ++i) socket(AF_INET, i & 1 ? SOCK_DGRAM : SOCK_STREAM, 0);
  const int number = *(int*)listeners_number;
  set_keepidle(number + 1, 7);
  const struct sockaddr_in address = loopback(1);
  bind(number + 1, (const struct sockaddr*)&address, sizeof address);
  listen(number + 1, 3);
  _exit(local >= 0 ? 0 : 1);
}

static void share_memory(int flags) {
  enum { kStack = 256 * 1024 };
  const int listener = listen_on(1, 5);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  set_keepidle(client, 30);
  char* stack = mmap(NULL, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int number = listener;
  const pid_t child = clone(take_all_numbers, stack + kStack, flags | SIGCHLD, &number);
  tell("child", "%d", status_of(child));
  for (int i = 0; i < 3; ++i) {
    const int caller = dial(listener);
    const int fd = accept(listener, NULL, NULL);
    tell("accepted", "%d", keepidle(fd));
    close(caller);
    close(fd);
  }
  tell("connect", "%d", connect_to(client, listener));
  tell("own", "%d", keepidle(client));
  tell("listen", "%d", listen(listener, 6));
  const int fresh = socket(AF_INET, SOCK_STREAM, 0);
  tell("fresh", "%d", keepidle(fresh));
}

/* A new program gets what the parent was given, and a listener to accept from. */
static void spawn(const char* self) {
  const int listener = listen_on(1, 5);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, listener, 40);
  posix_spawn_file_actions_addclose(&actions, listener);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  char* const arguments[] = {(char*)self, "serve", NULL};
  pid_t child = -1;
  const int caller = dial(listener);
  tell("spawn", "%d", posix_spawn(&child, self, &actions, NULL, arguments, environ));
  tell("child", "%d", status_of(child));
  close(caller);
  const int fd = (dial(listener), accept(listener, NULL, NULL));
  tell("accepted", "%d", keepidle(fd));
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  alarm(kPatienceSeconds);
  const char* kind = argv[1];
  if (!strcmp(kind, "fork")) {
    fork_while_others_work();
  } else if (!strcmp(kind, "vfork")) {
    share_memory(CLONE_VM | CLONE_VFORK);
  } else if (!strcmp(kind, "clone")) {
    share_memory(CLONE_VM);
  } else if (!strcmp(kind, "spawn")) {
    spawn(argv[0]);
  } else { /* the spawned one: descriptor 40 is a listener with a connection */
    return serve_once() && keepidle(accept(40, NULL, NULL)) == 61 ? 0 : 1;
  }
  return 0;
}
