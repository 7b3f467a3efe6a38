/* SPDX-License-Identifier: MIT
 *
 * background [write]: starts itself in the background of a terminal that stops whoever writes to it
 * from there (stty tostop), and tells whether that stopped it.
 * background held: in the foreground of one whose output is held (Ctrl-S): who writes waits. */
#define _GNU_SOURCE
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "victim.h"

/* Leads a session whose terminal is `terminal`; the worker is in another process group, unless the
 * terminal is held. */
static int lead(int terminal, char** argv) {
  const int held = argv[1] && !strcmp(argv[1], "held");
  setsid();
  if (ioctl(terminal, TIOCSCTTY, 0)) die("TIOCSCTTY");
  struct termios settings;
  tcgetattr(terminal, &settings);
  settings.c_lflag |= TOSTOP;
  tcsetattr(terminal, TCSANOW, &settings);
  if (held && tcflow(terminal, TCOOFF)) die("tcflow");
  const pid_t worker = fork();
  if (worker == 0) {
    if (!held) setpgid(0, 0);
    dup2(terminal, STDERR_FILENO);
    if (argv[1] && !held && write(STDERR_FILENO, "x", 1) != 1) _exit(1);
    char* const arguments[] = {argv[0], "work", NULL};
    execv(argv[0], arguments);
    _exit(127);
  }
  int status = 0;
  waitpid(worker, &status, WUNTRACED);
  if (WIFSTOPPED(status)) {
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    tell("worker", "stopped");
  } else {
    tell("worker", "ended %d", status);
  }
  return 0;
}

int main(int argc, char** argv) {
  alarm(kPatienceSeconds);
  if (argc > 1 && !strcmp(argv[1], "work")) {
    tell("keepidle", "%d", keepidle(socket(AF_INET, SOCK_STREAM, 0)));
    return 0;
  }
  int master = -1;
  int terminal = -1;
  if (openpty(&master, &terminal, NULL, NULL, NULL)) die("openpty");
  const pid_t leader = fork();
  if (leader == 0) return lead(terminal, argv);
  int status = 0;
  waitpid(leader, &status, 0);
  char text[4096] = "";
  fcntl(master, F_SETFL, O_NONBLOCK);
  tell("terminal", "%d", (int)(read(master, text, sizeof text) > 0));
  return status != 0;
}
