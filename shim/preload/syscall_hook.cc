// SPDX-License-Identifier: MIT
//
// The hook of syscall(2). It is there for seccomp(2) and prctl(2), through which a program installs
// a seccomp filter or a handler of its calls; all others must pass as if we were not there. Of the
// number and the first two arguments the kernel reads 32 bits, and whatever may be above them.
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "shim/preload/real.h"
#include "shim/preload/startup.h"

extern "C" {

// A call that may install a filter, or one before the start. Known to the assembler by this name.
[[gnu::visibility("hidden")]] long sockopt_syscall_slow_path(long number, long a, long b, long c,
                                                             long d, long e, long f) noexcept {
  const auto operation = static_cast<unsigned>(a);
  const bool is_seccomp = static_cast<int>(number) == SYS_seccomp;
  // Other modes only query.
  const bool installs =
      is_seccomp ? operation == SECCOMP_SET_MODE_STRICT || operation == SECCOMP_SET_MODE_FILTER
                 : static_cast<int>(number) == SYS_prctl &&
                       sockopt::catches_calls(static_cast<int>(a), static_cast<unsigned long>(b));
  // A filter for all threads may hit another one inside a hook; without a program it is a query.
  const bool for_all = is_seccomp && operation == SECCOMP_SET_MODE_FILTER &&
                       (b & SECCOMP_FILTER_FLAG_TSYNC) != 0 && c != 0;
  if (for_all) sockopt::g_hook_switch.pause();
  const long result = sockopt::real::syscall(number, a, b, c, d, e, f);
  // For a filter with a listener the result is a descriptor; otherwise a thread in the way.
  const bool installed =
      installs && (result == 0 || (result > 0 && (b & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0));
  if (installed) {
    sockopt::disable_hooks();
  } else if (for_all) {
    sockopt::g_hook_switch.resume();
  }
  return result;
}

}  // extern "C"

#pragma GCC visibility push(default)
extern "C" {

// syscall(2). A caller passes as many arguments as its system call has; what is in the place of the
// others belongs to the caller, and another thread may write to it meanwhile: it must be passed on
// untouched, by a jump.
#if defined(__x86_64__) && defined(__LP64__)
static_assert(SYS_seccomp == 317 && SYS_prctl == 157, "as below");
__asm__(
    ".pushsection .text.syscall, \"ax\", @progbits\n"
    ".globl syscall\n"
    ".type syscall, @function\n"
    "syscall:\n"
    ".cfi_startproc\n"
    "endbr64\n"
    "cmpl $317, %edi\n"
    "je 1f\n"
    "cmpl $157, %edi\n"
    "je 1f\n"
    "movq sockopt_real(%rip), %rax\n"
    "testq %rax, %rax\n"
    "je 1f\n"
    "jmp *%rax\n"
    "1: jmp sockopt_syscall_slow_path\n"
    ".cfi_endproc\n"
    ".size syscall, . - syscall\n"
    ".popsection");
#elif defined(__i386__)
static_assert(SYS_seccomp == 354 && SYS_prctl == 172, "as below");
__asm__(
    ".pushsection .text.syscall, \"ax\", @progbits\n"
    ".globl syscall\n"
    ".type syscall, @function\n"
    "syscall:\n"
    ".cfi_startproc\n"
    "endbr32\n"
    "cmpl $354, 4(%esp)\n"
    "je 1f\n"
    "cmpl $172, 4(%esp)\n"
    "je 1f\n"
    "call 3f\n"
    "2: movl sockopt_real - 2b(%ecx), %eax\n"
    "testl %eax, %eax\n"
    "je 1f\n"
    "jmp *%eax\n"
    "1: jmp sockopt_syscall_slow_path\n"
    "3: movl (%esp), %ecx\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size syscall, . - syscall\n"
    ".popsection");
#elif defined(__aarch64__)
// Here all arguments are in registers. It has another name, because the headers declare it with
// `...`.
long syscall_hook(long number, long a, long b, long c, long d, long e, long f) noexcept
    __asm__("syscall");
long syscall_hook(long number, long a, long b, long c, long d, long e, long f) noexcept {
  const int call = static_cast<int>(number);
  if (call == SYS_seccomp || call == SYS_prctl) [[unlikely]] {
    return sockopt_syscall_slow_path(number, a, b, c, d, e, f);
  }
  return sockopt::real::syscall(number, a, b, c, d, e, f);
}
#endif

}  // extern "C"
#pragma GCC visibility pop
