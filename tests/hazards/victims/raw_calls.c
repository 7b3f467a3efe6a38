/* SPDX-License-Identifier: MIT
 *
 * System calls by their number, with none to six arguments, and prctl with one to five. Processes
 * are made by them, too. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "victim.h"

static int status_of(pid_t child) {
  int status = -1;
  if (waitpid(child, &status, 0) != child) die("child");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void tell_call(const char* fact, long result) {
  tell(fact, "%ld errno %d", result, errno);
  errno = kSentinel;
}

int main(void) {
  alarm(kPatienceSeconds);
  const int file = (int)syscall(SYS_memfd_create, "file", 0);
  if (write(file, "no file contents", 17) != 17) die("write");
  if (ftruncate(file, 8192) || pwrite(file, "file contents", 14, 4096) != 14) die("pwrite");
  errno = kSentinel;
  const long page =
      syscall(SYS_mmap, NULL, 4096L, (long)PROT_READ, (long)MAP_PRIVATE, (long)file, 4096L);
  tell("mapped", "%s", page == -1 ? "failed" : (const char*)page);
  tell_call("getpid", syscall(SYS_getpid) == getpid());
  tell_call("close", syscall(SYS_close, -1));
  tell_call("nonsense", syscall(100000, 1, 2, 3, 4, 5, 6));
  tell_call("lseek", syscall(SYS_lseek, file, 3L, SEEK_SET));
  tell_call("seccomp", syscall(SYS_seccomp, 99, 0, NULL));
  char buffer[8];
  struct iovec vector = {buffer, sizeof buffer};
  tell_call("preadv2", syscall(SYS_preadv2, file, &vector, 1L, 4096L, 0L, 0L));

  pid_t child = (pid_t)syscall(SYS_clone, (long)SIGCHLD, 0L, NULL, NULL, 0L);
  if (child == 0) syscall(SYS_exit_group, 7);
  tell("cloned", "%d", status_of(child));
#ifdef SYS_fork
  child = (pid_t)syscall(SYS_fork);
  if (child == 0) syscall(SYS_exit, 8);
  tell("forked", "%d", status_of(child));
#endif

  char name[17] = "";
  errno = kSentinel;
  tell_call("set-name", prctl(PR_SET_NAME, "another name"));
  tell_call("get-name", prctl(PR_GET_NAME, name));
  tell("name", "%s", name);
  tell_call("dumpable", prctl(PR_GET_DUMPABLE));
  tell_call("no-such", prctl(123456, 1UL, 2UL, 3UL, 4UL));
  tell_call("no-new-privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  tell_call("seccomp-mode", prctl(PR_GET_SECCOMP));
  tell_call("bad-filter", prctl(PR_SET_SECCOMP, 99, NULL));
  return 0;
}
