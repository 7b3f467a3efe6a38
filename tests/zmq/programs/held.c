// SPDX-License-Identifier: MIT
//
// A child that is forked while another thread holds the loader's list: it asks the plugin for
// ZMQ_LINGER of a new socket, for the first time or, with `again`, as its parent did before.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kPatience = 30 };

static sem_t held, done;

static int hold(struct dl_phdr_info* info, size_t size, void* context) {
  (void)info, (void)size, (void)context;
  sem_post(&held);
  sem_wait(&done);
  return 1;
}

static void* hold_list(void* unused) {
  dl_iterate_phdr(hold, unused);
  return NULL;
}

int main(int argc, char** argv) {
  const int again = argc > 2 && strcmp(argv[2], "again") == 0;
  void* plugin = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (plugin == NULL) return 2;
  int (*linger)(void) = (int (*)(void))dlsym(plugin, "plugin_linger");
  if (again) printf("parent %d\n", linger());
  fflush(stdout);
  sem_init(&held, 0, 0);
  sem_init(&done, 0, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, hold_list, NULL);
  sem_wait(&held);
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatience);
    printf("child %d\n", linger());
    fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) printf("child waits for ever\n");
  sem_post(&done);
  pthread_join(thread, NULL);
  return 0;
}
