/* SPDX-License-Identifier: MIT
 *
 * sandboxed CALL KIND [NUMBER]: a child process installs a seccomp filter and accepts a
 * connection. It hands that to its parent, which has none and tells what it holds.
 *
 *   prepared    the filter kills on everything but accept, accept4, sendmsg and exit
 *   inherited   the listener is descriptor NUMBER, on which no call was made before; the filter
 *               kills on every call on options and addresses, and on files
 *   opening     the same filter, and after it the child opens a socket of its own, and connects it
 *   refused     the filter answers those calls with EPERM, and the child opens a socket besides
 *   waiting     a thread of the child waits in accept while another installs the filter for both
 *
 * CALL is what the filter is installed by. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/wait.h>

#include "filter.h"

static const char* filter_call;

static const int kAllowed[] = {SYS_accept, SYS_accept4, SYS_sendmsg, SYS_exit_group, SYS_exit};
static const int kForbidden[] = {
    SYS_setsockopt, SYS_getsockopt, SYS_getsockname, SYS_getpeername, SYS_listen, SYS_bind,
    SYS_openat,     SYS_write,      SYS_writev,      SYS_read,        SYS_mmap,   SYS_fcntl,
#ifdef SYS_open
    SYS_open,
#endif
};

static void install_for_work(const char* kind) {
  if (!strcmp(kind, "prepared")) {
    install_filter(filter_call, kAllowed, sizeof kAllowed / sizeof *kAllowed, SECCOMP_RET_ALLOW,
                   SECCOMP_RET_KILL_PROCESS);
  } else {
    install_filter(filter_call, kForbidden, sizeof kForbidden / sizeof *kForbidden,
                   strcmp(kind, "refused") ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | EPERM,
                   SECCOMP_RET_ALLOW);
  }
}

union Control {
  struct cmsghdr header;
  char space[CMSG_SPACE(2 * sizeof(int))];
};

/* Both descriptors, and the errnos of the calls that made them. */
static void hand_over(int channel, const int fds[2], const int errors[2]) {
  int both[2] = {errors[0], errors[1]};
  struct iovec data = {both, sizeof both};
  union Control control;
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  const size_t count = fds[0] < 0 ? 0 : fds[1] < 0 ? 1 : 2;
  if (count > 0) {
    message.msg_control = control.space;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  }
  sendmsg(channel, &message, 0);
}

static void take_over(int channel, int fds[2], int errors[2]) {
  struct iovec data = {errors, 2 * sizeof(int)};
  union Control control;
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control.space,
                           .msg_controllen = sizeof control.space};
  if (recvmsg(channel, &message, 0) <= 0) return;
  const struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header) memcpy(fds, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
}

static pid_t waiter;
static int waiter_accepted[2] = {-1, -1};
static int waiter_errors[2];

static void* wait_in_accept(void* listener) {
  __atomic_store_n(&waiter, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
  errno = kSentinel;
  waiter_accepted[0] = accept(*(int*)listener, NULL, NULL);
  waiter_errors[0] = waiter_errors[1] = errno;
  return NULL;
}

/* Nobody has connected when the filter comes; a client that no filter binds does so then. */
static void install_while_a_thread_waits(int listener, int channel) {
  pthread_t thread;
  int waited = 0;
  if (pthread_create(&thread, NULL, wait_in_accept, &listener)) die("thread");
  while ((!__atomic_load_n(&waiter, __ATOMIC_ACQUIRE) || !is_asleep(waiter)) &&
         pause_a_moment(&waited)) {
  }
  const struct sockaddr_in address = local_address(listener);
  const int client = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  install_for_work("waiting");
  syscall(SYS_connect, client, &address, sizeof address);
  pthread_join(thread, NULL);
  hand_over(channel, waiter_accepted, waiter_errors);
  syscall(SYS_exit_group, 0);
}

/* What the child does once the filter is installed. */
static void work_filtered(const char* kind, int listener, int channel) {
  const struct sockaddr_in address = local_address(listener);
  int fds[2];
  int errors[2];
  if (!strcmp(kind, "waiting")) install_while_a_thread_waits(listener, channel);
  install_for_work(kind);
  errno = kSentinel;
  fds[0] = accept(listener, NULL, NULL);
  errors[0] = errno;
  errno = kSentinel;
  if (!strcmp(kind, "prepared") || !strcmp(kind, "inherited")) {
    fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  } else {
    fds[1] = socket(AF_INET, SOCK_STREAM, 0);
  }
  if (!strcmp(kind, "opening")) connect(fds[1], (const struct sockaddr*)&address, sizeof address);
  errors[1] = errno;
  hand_over(channel, fds, errors);
  syscall(SYS_exit_group, 0);
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  alarm(kPatienceSeconds);
  filter_call = argv[1];
  const int listener = argc > 3 ? atoi(argv[3]) : listen_on(1, 5);
  int channel[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel)) die("socketpair");
  if (strcmp(argv[2], "waiting")) {
    dial(listener);
    dial(listener);
  }
  const pid_t child = fork();
  if (child == 0) work_filtered(argv[2], listener, channel[1]);
  close(channel[1]);
  int fds[2] = {-1, -1};
  int errors[2] = {-1, -1};
  take_over(channel[0], fds, errors);
  int status = 0;
  waitpid(child, &status, 0);
  tell("child", "%s %d", WIFSIGNALED(status) ? "killed" : "ended",
       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  tell("errno", "%d %d", errors[0], errors[1]);
  tell("first", "%d", keepidle(fds[0]));
  tell("second", "%d", keepidle(fds[1]));
  const int own = socket(AF_INET, SOCK_STREAM, 0);
  tell("parent", "%d", keepidle(own)); /* which has no filter */
  return 0;
}
