/* SPDX-License-Identifier: MIT
 *
 * Allocation functions, and stdio's that allocate, which count the calls that come out of
 * libsockopt.so: those of one that uses them in a signal handler or a child of vfork corrupt the
 * heap or wait for ever. It stands behind that library, and so is ready before it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* memory, size_t size);
extern void __libc_free(void* memory);

static uintptr_t begin, end;
static int calls;

static int find(struct dl_phdr_info* object, size_t size, void* unused) {
  (void)size, (void)unused;
  if (!strstr(object->dlpi_name, "libsockopt.so")) return 0;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)* segment = object->dlpi_phdr + i;
    if (segment->p_type != PT_LOAD) continue;
    const uintptr_t last = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    if (last > end) end = last;
  }
  begin = object->dlpi_addr;
  return 1;
}

__attribute__((constructor)) static void find_library(void) { dl_iterate_phdr(find, NULL); }

/* 0 where the library is not there. */
uintptr_t watched(void) { return begin; }
int watched_calls(void) { return calls; }

#define WATCH()                                                                           \
  do {                                                                                    \
    const uintptr_t caller = (uintptr_t)__builtin_return_address(0);                      \
    if (caller >= begin && caller < end) __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED); \
  } while (0)
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void* malloc(size_t size) {
  WATCH();
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  WATCH();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  WATCH();
  return __libc_realloc(memory, size);
}
void free(void* memory) {
  WATCH();
  __libc_free(memory);
}
FILE* fopen(const char* path, const char* mode) {
  WATCH();
  return NEXT(fopen)(path, mode);
}
FILE* fopen64(const char* path, const char* mode) {
  WATCH();
  return NEXT(fopen64)(path, mode);
}
char* fgets(char* text, int size, FILE* file) {
  WATCH();
  return NEXT(fgets)(text, size, file);
}
