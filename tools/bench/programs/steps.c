/* SPDX-License-Identifier: MIT
 *
 *     steps PROGRAM ARGUMENT...
 *
 * Prints how many instructions a program executes in user space between its third mark and its
 * fourth, a mark being a SIGURG: in the second round of `subjects ... mark 2`, as the first is for
 * what happens only once.  It steps through them one by one; a system call counts as one. */
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMostSteps = 10 * 1000 * 1000, kMarksBefore = 3 };

/* How often it had to be resumed until the next mark; -1 where it ended before. */
static long resume_to_mark(pid_t pid, int how) {
  for (long times = 1; times <= kMostSteps; ++times) {
    int status;
    if (ptrace(how, pid, 0, 0) != 0 || waitpid(pid, &status, 0) != pid) return -1;
    if (!WIFSTOPPED(status)) return -1;
    if (WSTOPSIG(status) == SIGURG) return times;
  }
  return -1;
}

int main(int argc, char** argv) {
  pid_t pid;
  int status;
  long steps = 0;
  if (argc < 2) return 2;
  pid = fork();
  if (pid == 0) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) _exit(126);
    execv(argv[1], argv + 1);
    _exit(127);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
    fputs("steps: cannot trace\n", stderr);
    return 1;
  }
  for (int marks = 0; marks < kMarksBefore && steps >= 0; ++marks) {
    steps = resume_to_mark(pid, PTRACE_CONT);
  }
  if (steps >= 0) steps = resume_to_mark(pid, PTRACE_SINGLESTEP);
  kill(pid, SIGKILL);
  waitpid(pid, &status, 0);
  if (steps < 0) {
    fputs("steps: the program ended before its marks\n", stderr);
    return 1;
  }
  printf("%ld\n", steps);
  return 0;
}
