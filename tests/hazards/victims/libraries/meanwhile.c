/* SPDX-License-Identifier: MIT
 *
 * A library whose constructor has a thread open the process's first socket, and does something in
 * the middle of whatever that starts: the first variable of the environment is moved to a page
 * that cannot be read, and the handler of the fault is where MEANWHILE happens.
 *
 *   socket    the first thread opens a socket, too
 *   fork      it forks, and its child opens one
 *   prctl, number, seccomp, tsync
 *             it installs a seccomp filter which kills for what the program never does
 *   probe     it asks whether there are filters for all threads, as libseccomp does
 *   handler   the handler itself opens a socket
 *   jump      the handler does not return, and the thread opens another socket
 *
 * And what there is to tell of the thread's own socket afterwards. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../filter.h"

extern char** environ;

enum { kPage = 4096 };

static char* page;
static const char* what;
static pthread_t thread;
static sem_t in_the_middle;
static sem_t done;
static sigjmp_buf before;
static volatile sig_atomic_t jumped;

static const int kForbidden[] = {
    SYS_setsockopt, SYS_getsockopt, SYS_getsockname, SYS_getpeername, SYS_openat, SYS_mmap,
    SYS_mprotect,   SYS_readlinkat, SYS_getdents64,  SYS_prlimit64,   SYS_getpid,
#ifdef SYS_newfstatat
    SYS_newfstatat, SYS_fstat,
#endif
};

static void open_socket(const char* fact) {
  errno = kSentinel;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int error = errno;
  tell(fact, "%d errno %d", fd < 0 ? -1 : keepidle(fd), error);
  if (fd >= 0) close(fd);
}

static void on_fault(int signal) {
  (void)signal;
  mprotect(page, kPage, PROT_READ);
  if (!pthread_equal(pthread_self(), thread)) return;
  if (!strcmp(what, "handler")) {
    open_socket("handler");
  } else if (!strcmp(what, "jump") && !jumped) {
    jumped = 1;
    siglongjmp(before, 1);
  } else {
    sem_post(&in_the_middle);
    while (sem_wait(&done)) {
    }
  }
}

static void* work(void* unused) {
  thread = pthread_self();
  if (!sigsetjmp(before, 1)) {
    errno = kSentinel;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    /* Where there is a filter, it is for this thread, too, and asking would be the end. */
    if (strcmp(what, "tsync")) tell("thread", "%d errno %d", keepidle(fd), errno);
    close(fd);
  } else {
    open_socket("thread");
  }
  return unused;
}

static void in_a_child(void) {
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatienceSeconds);
    open_socket("child");
    _exit(0);
  }
  waitpid(child, &status, 0);
  tell("child-ended", "%d", status);
}

static void act(void) {
  if (!strcmp(what, "socket")) {
    open_socket("first");
  } else if (!strcmp(what, "fork")) {
    in_a_child();
  } else if (!strcmp(what, "probe")) {
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL);
  } else {
    install_filter(what, kForbidden, sizeof kForbidden / sizeof *kForbidden,
                   SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW);
  }
}

__attribute__((constructor)) static void begin(void) {
  pthread_t first;
  what = getenv("MEANWHILE");
  if (!what) return;
  alarm(kPatienceSeconds);
  page = mmap(NULL, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strncpy(page, environ[0], kPage - 1);
  environ[0] = page;
  signal(SIGSEGV, on_fault);
  sem_init(&in_the_middle, 0, 0);
  sem_init(&done, 0, 0);
  mprotect(page, kPage, PROT_NONE);
  if (pthread_create(&first, NULL, work, NULL)) die("thread");
  if (strcmp(what, "handler") && strcmp(what, "jump")) {
    while (sem_wait(&in_the_middle)) {
    }
    act();
    sem_post(&done);
  }
  pthread_join(first, NULL);
}
