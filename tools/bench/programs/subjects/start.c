/* SPDX-License-Identifier: MIT
 *
 * Starting the program that SUBJECTS_START names, and waiting for its end. */
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "subjects.h"

extern char** environ;

static char* program;

static void begin(void) {
  program = getenv("SUBJECTS_START");
  if (program == NULL) fail("SUBJECTS_START");
}

static void start_all(void) {
  char* const argv[] = {program, NULL};
  for (long i = 0; i < operations; ++i) {
    pid_t pid;
    int status;
    if (posix_spawn(&pid, program, NULL, NULL, argv, environ) != 0) fail(program);
    if (waitpid(pid, &status, 0) != pid || status != 0) fail("waitpid");
  }
}

const struct subject kStarting[] = {
    {"start", begin, nothing, start_all, nothing},
    {NULL, NULL, NULL, NULL, NULL},
};
