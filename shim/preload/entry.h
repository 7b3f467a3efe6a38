// SPDX-License-Identifier: MIT
//
// Where the program enters: what is exported under libc's names.  Each entry looks at the first
// argument only, and where that cannot concern the hook, jumps on to the next function: every
// register and the stack are the caller's.  So a library may have a function of its own called
// listen or connect that takes something else altogether.
//
// On other architectures the hooks themselves are exported.
#pragma once

#if (defined(__x86_64__) && defined(__LP64__)) || defined(__i386__) || defined(__aarch64__)
#define SOCKOPT_HAS_ENTRIES
#define SOCKOPT_HOOK(name) __asm__("sockopt_hook_" name)
#else
#define SOCKOPT_HOOK(name) __asm__(name)
#endif
