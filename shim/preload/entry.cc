// SPDX-License-Identifier: MIT
#include "shim/preload/entry.h"

#include <linux/prctl.h>
#include <sys/socket.h>

#if defined(SOCKOPT_HAS_ENTRIES)

// The numbers that stand at the end, and catches_calls has.
static_assert(AF_MAX <= 0x100 && PR_SET_SECCOMP == 22);

// An entry begins; it calls the hook if the first argument is a number, or below one; and in the
// end it jumps to the function at a place in the table of real.cc, where there is none before the
// start.
__asm__(
    ".macro sockopt_begin name\n"
    ".pushsection .text.entries, \"ax\", %progbits\n"
    ".globl \\name\n"
    ".hidden sockopt_hook_\\name\n"
    ".type \\name, %function\n"
    "\\name:\n"
    ".cfi_startproc\n"
#if defined(__x86_64__)
    "endbr64\n"
#elif defined(__i386__)
    "endbr32\n"
#else
    "hint #34\n"  // bti c
#endif
    ".endm\n"

    ".macro sockopt_end name, index\n"
#if defined(__x86_64__)
    "movq sockopt_real + 8 * \\index(%rip), %r11\n"
    "testq %r11, %r11\n"
    "je 1f\n"
    "jmp *%r11\n"
    "1: jmp sockopt_hook_\\name\n"
#elif defined(__i386__)
    "call 3f\n"
    "2: movl sockopt_real + 4 * \\index - 2b(%ecx), %eax\n"
    "testl %eax, %eax\n"
    "je 1f\n"
    "jmp *%eax\n"
    "1: jmp sockopt_hook_\\name\n"
    "3: movl (%esp), %ecx\n"
    "ret\n"
#else
    "adrp x16, sockopt_real\n"
    "ldr x16, [x16, #:lo12:sockopt_real + 8 * \\index]\n"
    "cbz x16, 1f\n"
    "br x16\n"
    "1: b sockopt_hook_\\name\n"
#endif
    ".cfi_endproc\n"
    ".size \\name, . - \\name\n"
    ".popsection\n"
    ".endm\n"

    ".macro sockopt_if number\n"
#if defined(__x86_64__)
    "cmpl $\\number, %edi\n"
    "je 1f\n"
#elif defined(__i386__)
    "cmpl $\\number, 4(%esp)\n"
    "je 1f\n"
#else
    "cmp w0, #\\number\n"
    "b.eq 1f\n"
#endif
    ".endm\n"

    ".macro sockopt_if_below number\n"
#if defined(__x86_64__)
    "movq sockopt_real + 8 * 9(%rip), %r11\n"
    "andq %rdi, %r11\n"
    "cmpq $\\number, %r11\n"
    "jb 1f\n"
#elif defined(__i386__)
    "cmpl $\\number, 4(%esp)\n"
    "jb 1f\n"
#else
    "adrp x16, sockopt_real\n"
    "ldr x16, [x16, #:lo12:sockopt_real + 8 * 9]\n"
    "and x16, x0, x16\n"
    "mov x17, #\\number\n"
    "cmp x16, x17\n"
    "b.lo 1f\n"
#endif
    ".endm\n");

// There are no more families, and no more descriptors unless fs.nr_open was raised: above are
// pointers, -1, and numbers of which nothing is remembered. Where another library has such a
// function, too, all of the register is looked at: what is a number in its lower half alone is as a
// rule a pointer, and one with rubbish above goes without.
__asm__(
    ".macro sockopt_entry name, index, first=0x100000\n"
    "sockopt_begin \\name\n"
    "sockopt_if_below \\first\n"
    "sockopt_end \\name, \\index\n"
    ".endm\n"
    "sockopt_entry socket, 1, 0x100\n"
    "sockopt_entry bind, 2\n"
    "sockopt_entry listen, 3\n"
    "sockopt_entry connect, 4\n"
    "sockopt_entry accept, 5\n"
    "sockopt_entry accept4, 6\n"
    "sockopt_entry setsockopt, 7\n"
    "sockopt_begin prctl\n"
    "sockopt_if 22\n"
    "sockopt_if 59\n"
    "sockopt_end prctl, 8\n");

#endif
