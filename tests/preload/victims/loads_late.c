/* SPDX-License-Identifier: MIT
 *
 * Calls into a library that it loads at run time: loads_late PATH. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char** argv) {
  void* library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!library) return 1;
  int (*keepidle)(void) = (int (*)(void))dlsym(library, "late_keepidle");
  if (!keepidle) return 1;
  printf("late keepidle %d\n", keepidle());
  return 0;
}
