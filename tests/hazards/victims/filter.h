/* SPDX-License-Identifier: MIT
 *
 * Installing a seccomp filter, by each of the calls that programs use. */
#ifndef SOCKOPT_TESTS_HAZARDS_FILTER_H
#define SOCKOPT_TESTS_HAZARDS_FILTER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "victim.h"

enum { kMostRules = 64 };

/* Answers the listed calls with `listed` and all others with `other`. CALL is `prctl`; `number`,
 * which is prctl by its number; `seccomp`, which has no wrapper in libc; or `tsync`, which is that
 * for all threads. With `+` behind it, what the kernel does not read of the arguments is not zero.
 */
static inline void install_filter(const char* call, const int* list, size_t count, unsigned listed,
                                  unsigned other) {
  struct sock_filter filter[kMostRules];
  size_t size = 0;
  filter[size++] =
      (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < count; ++i) {
    filter[size++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)list[i], 0, 1);
    filter[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, listed);
  }
  filter[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, other);
  const struct sock_fprog program = {(unsigned short)size, filter};
  const unsigned long above = strchr(call, '+') ? ~0UL << 16 << 16 : 0;
  const size_t length = strcspn(call, "+");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) die("no_new_privs");
  long result = -1;
  if (!strncmp(call, "prctl", length)) {
    result = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
  } else if (!strncmp(call, "number", length)) {
    result =
        syscall(above | SYS_prctl, above | PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
  } else {
    const unsigned flags = strncmp(call, "tsync", length) ? 0 : SECCOMP_FILTER_FLAG_TSYNC;
    result = syscall(above | SYS_seccomp, above | SECCOMP_SET_MODE_FILTER, above | flags, &program);
  }
  if (result != 0) die(call);
}

#endif
