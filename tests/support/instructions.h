// SPDX-License-Identifier: MIT
//
// Work counted in instructions, one by one, in a child that is stepped through: the same number at
// each run, whatever else the machine does.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/requirements.h"

namespace sockopt::test {

/// -1 where the child may not be traced, or does not come to an end.
template <typename Work>
long step_through(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();  // whatever is done at the first time only is done now
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(1);
    raise(SIGSTOP);
    work();
    raise(SIGSTOP);
    _exit(0);
  }
  constexpr long kMost = 3'000'000;
  long steps = 0;
  int status = 0;
  bool inside = waitpid(child, &status, 0) == child && WIFSTOPPED(status);
  while (inside && steps < kMost) {
    if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) break;
    inside =
        waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
    ++steps;
  }
  const bool finished = WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;
  if (!WIFEXITED(status)) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
  }
  return finished && steps > 0 ? steps : -1;
}

template <typename Work>
long count_instructions(const Work& work) {
  const long steps = step_through(work);
  EXPECT_GT(steps, 0) << "the work did not come to its end";
  return steps;
}

inline bool may_step() {
  static const bool may = step_through([] {}) > 0;
  return may;
}
#define SOCKOPT_COUNTS_INSTRUCTIONS() \
  SOCKOPT_NEEDS_NO_SANITIZER();       \
  if (!::sockopt::test::may_step()) GTEST_SKIP() << "processes may not be traced here"

}  // namespace sockopt::test
