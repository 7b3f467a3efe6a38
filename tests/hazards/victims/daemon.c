/* SPDX-License-Identifier: MIT
 *
 * daemon OUTPUT [DIRECTORY]: becomes a daemon as one did in 1990: another session, every descriptor
 * closed, the environment gone, another root directory, another user. Then serves. What it tells
 * goes to the file OUTPUT, which it opens before it changes its root; descriptors 0 to 2 are then
 * sockets. */
#define _GNU_SOURCE
#include <grp.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "victim.h"

extern char** environ;

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  alarm(kPatienceSeconds);
  const pid_t child = fork();
  if (child != 0) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }
  alarm(kPatienceSeconds);
  setsid();
  if (syscall(SYS_close_range, 0U, ~0U, 0U)) {
    for (int fd = 0; fd < 1024; ++fd) close(fd);
  }
  const int output = open(argv[1], O_WRONLY | O_APPEND | O_CREAT, 0666);
  dup2(output, 900);
  close(output);
  clearenv();
  environ = NULL;
  if (argc > 2 &&
      (chroot(argv[2]) || chdir("/") || setgroups(0, NULL) || setgid(65534) || setuid(65534))) {
    return 3;
  }
  const int listener = listen_on(1, 5); /* 0 */
  const int one = dial(listener);       /* 1 */
  const int two = accept(listener, NULL, NULL);
  const int three = socket(AF_INET, SOCK_STREAM, 0);
  connect_to(three, listener);
  const int values[] = {listener, keepidle(listener), one, two, keepidle(two), keepidle(three)};
  const int idle = 30;
  setsockopt(two, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  char byte;
  const int got = (int)recv(one, &byte, 1, MSG_DONTWAIT);
  dup2(900, STDOUT_FILENO);
  tell("listener", "%d", values[0]);
  tell("listener-keepidle", "%d", values[1]);
  tell("client", "%d", values[2]);
  tell("accepted", "%d", values[3]);
  tell("accepted-keepidle", "%d", values[4]);
  tell("connected-keepidle", "%d", values[5]);
  tell("own", "%d", keepidle(two));
  tell("received", "%d", got);
  tell("descriptors", "%d", open_descriptors());
  return 0;
}
