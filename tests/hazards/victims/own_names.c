/* SPDX-License-Identifier: MIT
 *
 * A program that defines, for its own use, a name that the C library has too: one of those below,
 * chosen when it is compiled. Tells what its sockets and its system calls are like all the same. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>

#include "victim.h"

#if defined(OWN_ENVIRON_NUMBER)
long own_environ __asm__("environ") = 42;
#elif defined(OWN_ENVIRON_SMALL)
char own_environ __asm__("environ") = 'e';
#elif defined(OWN_ENVIRON_TEXT)
char own_environ[64] __asm__("environ") = "the surroundings of a village in the Ardennes";
#elif defined(OWN_ENVIRON_DEFINED)
char** environ; /* where a declaration was meant */
#elif defined(OWN_GETAUXVAL_NOTHING)
unsigned long getauxval(unsigned long type) { return type & 0; }
#elif defined(OWN_GETAUXVAL_NONSENSE)
unsigned long getauxval(unsigned long type) { return ~type; }
#elif defined(OWN_DL_ITERATE_PHDR_NOTHING)
/* As programs have it that unwind often, and keep a list, which is empty until main has filled it.
 */
int dl_iterate_phdr(int (*visit)(struct dl_phdr_info*, size_t, void*), void* context) {
  (void)visit, (void)context;
  return 0;
}
#elif defined(OWN_DL_ITERATE_PHDR_PROGRAM)
/* As one has it that knows nothing but itself. */
int dl_iterate_phdr(int (*visit)(struct dl_phdr_info*, size_t, void*), void* context) {
  struct dl_phdr_info info = {.dlpi_name = "program"};
  return visit(&info, sizeof info, context);
}
#elif defined(OWN_DLSYM_NOTHING)
void* dlsym(void* handle, const char* name) { return (void)handle, (void)name, NULL; }
#elif defined(OWN_DLSYM_ABORTS)
void* dlsym(void* handle, const char* name) { (void)handle, (void)name, abort(); }
#elif defined(OWN_DLSYM_TABLES)
/* Modules are tables of its own. */
struct entry {
  const char* name;
  void* function;
};
void* dlsym(void* handle, const char* name) {
  const struct entry* entry = handle;
  while (entry->name && strcmp(entry->name, name) != 0) ++entry;
  return entry->function;
}
#elif defined(OWN_DLSYM_FORWARDS)
/* For the caller there: what is next to the program is the library in front of it. */
extern void* dlvsym(void*, const char*, const char*);
void* dlsym(void* handle, const char* name) {
  void* (*real)(void*, const char*) =
      (void* (*)(void*, const char*))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
  return real(handle, name);
}
#elif defined(OWN_DLSYM_ALLOCATES)
/* And the allocator asks the kernel for its memory through libc. */
void* dlsym(void* handle, const char* name) {
  (void)handle, (void)name;
  return syscall(SYS_getpid) > 0 ? malloc(16) : NULL;
}
#elif defined(OWN_DLSYM_DATA)
int own_dlsym[4] __asm__("dlsym") = {1, 2, 3, 4};
#elif defined(OWN_SYSCALL_FAILS)
long syscall(long number, ...) { return number & 0; }
#elif defined(OWN_STACK_END_NOTHING)
/* As one has it that looks for the stack's end itself, later. */
void* own_stack_end __asm__("__libc_stack_end");
#elif defined(OWN_STACK_END_NUMBERS)
long own_stack_end[4] __asm__("__libc_stack_end") = {0x123456789, 2, 3, 4};
#elif defined(OWN_STACK_END_LEADS)
static const long words[] = {1L << 40, 2, 3};
const long* own_stack_end __asm__("__libc_stack_end") = words;
#elif defined(OWN_DEBUG_NOTHING)
/* As a loader of modules has it, for debuggers. */
struct r_debug own_debug __asm__("_r_debug");
#elif defined(OWN_DEBUG_NUMBERS)
long own_debug[5] __asm__("_r_debug") = {1, 0x123456789, 3, 4, 5};
#elif defined(OWN_DEBUG_LEADS)
static struct link_map module = {.l_name = (char*)"module"};
struct r_debug own_debug __asm__("_r_debug") = {.r_version = 1, .r_map = &module};
#elif defined(OWN_ERRNO_LOCATION_LATER)
/* Of a library of light threads, which makes them first. */
static int* place;
int* __errno_location(void) { return place; }
__attribute__((constructor)) static void make(void) {
  static int errors;
  place = &errors;
}
#elif defined(OWN_ENVIRON_EARLY)
/* libc writes to it, but not before a preinit function runs. */
char own_environ[64] __asm__("__environ") = "the surroundings of a village in the Ardennes";
static int early = -1;
static void before_everything(void) { early = socket(AF_INET, SOCK_STREAM, 0); }
__attribute__((section(".preinit_array"),
               used)) static void (*const preinit)(void) = before_everything;
#endif

int main(void) {
  alarm(kPatienceSeconds);
  const int listener = listen_on(1, 5);
  tell("listener", "%d", keepidle(listener));
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  tell("connect", "%d", connect_to(client, listener));
  errno = kSentinel;
  const int accepted = accept(listener, NULL, NULL);
  tell("errno", "%d", errno);
  tell("client", "%d", keepidle(client));
  tell("accepted", "%d", keepidle(accepted));
#if !defined(OWN_SYSCALL_FAILS)
  tell("syscall", "%d", syscall(SYS_getpid) == getpid());
#endif
#if defined(OWN_ENVIRON_NUMBER)
  tell("environ", "%ld", own_environ);
#elif defined(OWN_ENVIRON_SMALL)
  tell("environ", "%c", own_environ);
#elif defined(OWN_ENVIRON_TEXT)
  tell("environ", "%s", own_environ);
#endif
#if defined(OWN_ENVIRON_EARLY)
  tell("early", "%d", keepidle(early));
#endif
  errno = 0;
  const int refused = accept(-1, NULL, NULL);
  tell("bad", "%d %d", refused, errno);
  return 0;
}
