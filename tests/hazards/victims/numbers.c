/* SPDX-License-Identifier: MIT
 *
 * numbers MAKE WAY: a socket, and then another one on its number, that came there by a WAY which
 * makes no hooked call. MAKE says what the first was:
 *
 *   own         the program set an option on it (30 s)
 *   connected   it was connected to the address that the second is connected to
 *   listener    as own; and the second is a listener
 *
 * The second is connected, or accepts a connection, and tells its options. */
#define _GNU_SOURCE
#include "victim.h"

#include <poll.h>
#include <sched.h>
#include <sys/wait.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int second_listens;

/* A TCP socket of nobody's. */
static int fresh(void) {
  const int fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  if (second_listens && syscall(SYS_listen, fd, 16)) die("second listener");
  return fd;
}

static void send_to(int channel, int fd) {
  char byte = 'x';
  struct iovec data = {&byte, 1};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control.space,
                           .msg_controllen = sizeof control.space};
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmsg(channel, &message, 0) != 1) die("sendmsg");
}

static int receive_from(int channel) {
  char byte;
  struct iovec data = {&byte, 1};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control.space,
                           .msg_controllen = sizeof control.space};
  int fd = -1;
  if (recvmsg(channel, &message, 0) != 1) die("recvmsg");
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

/* A child that shares this memory, and opens a socket on the number, which it closed for itself. */
static void begin_anew_in_vforked_child(int number) {
  const pid_t child = vfork();
  if (child == 0) {
    syscall(SYS_close, number);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    _exit(fd == number ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) die("the child's socket");
}

/* Puts another socket onto the number. */
static void replace(const char* way, int number) {
  if (!strcmp(way, "close")) {
    close(number);
    if (fresh() != number) die("number");
  } else if (!strcmp(way, "close_range")) {
    syscall(SYS_close_range, (unsigned)number, (unsigned)number, 0U);
    if (fresh() != number) die("number");
  } else if (!strcmp(way, "dup2")) {
    const int other = fresh();
    dup2(other, number);
    close(other);
  } else if (!strcmp(way, "dup3")) {
    const int other = fresh();
    dup3(other, number, O_CLOEXEC);
    close(other);
  } else if (!strcmp(way, "fcntl")) {
    const int other = fresh();
    close(number);
    if (fcntl(other, F_DUPFD, number) != number) die("number");
    close(other);
  } else if (!strcmp(way, "received")) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) die("socketpair");
    const int other = fresh();
    send_to(ends[0], other);
    close(other);
    close(number);
    if (receive_from(ends[1]) != number) die("number");
  } else {
    die(way);
  }
}

static void start_connecting(int fd, const struct sockaddr_in* address) {
  if (connect(fd, (const struct sockaddr*)address, sizeof *address) && errno != EINPROGRESS) {
    die("connect");
  }
  struct pollfd entry = {fd, POLLOUT, 0};
  poll(&entry, 1, kPatienceSeconds * 1000);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  alarm(kPatienceSeconds);
  /* The listener is nobody's affair. */
  const struct sockaddr_in any = loopback(2);
  const int listener = fresh();
  if (syscall(SYS_bind, listener, &any, sizeof any) || syscall(SYS_listen, listener, 16)) {
    die("listener");
  }
  const struct sockaddr_in address = local_address(listener);
  const int number = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (!strcmp(argv[1], "listener")) {
    if (set_keepidle(number, 30)) die("setsockopt");
    second_listens = 1;
    replace(argv[2], number);
    dial(number);
    tell("before", "%d", keepidle(number));
    tell("accepted", "%d", keepidle(accept(number, NULL, NULL)));
    tell("after", "%d", keepidle(number));
    return 0;
  }
  if (!strcmp(argv[1], "own")) {
    if (set_keepidle(number, 30)) die("setsockopt");
    if (!strcmp(argv[2], "vfork")) {
      begin_anew_in_vforked_child(number);
    } else {
      replace(argv[2], number);
    }
  } else {
    start_connecting(number, &address);
    tell("first", "%d", keepidle(number));
    replace(argv[2], number);
  }
  fcntl(number, F_SETFL, O_NONBLOCK);
  const int asked_before = keepidle(number);
  start_connecting(number, &address);
  tell("before", "%d", asked_before);
  tell("connected", "%d", keepidle(number));
  return 0;
}
