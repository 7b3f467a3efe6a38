/* SPDX-License-Identifier: MIT
 *
 * A program that calls functions named as libc's are (libraries/homonym.c), and, unless it
 * is ALONE, a library that calls libc's (libraries/networked.c). */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

const char* connect(const char* where, double seconds);
long listen(const char* first, const char* second, const char* third);
struct Three {
  long first;
  double second;
  const char* third;
};
struct Three accept(const char* a, double b, long c, long d, long e, long f, long g, long h);
double socket(const char* text, double scale);
int opens_sockets(void);

int main(void) {
  const char* text = "xyz";
  const char* found = connect(text, 0.5);
  printf("connect %s\n", found ? found : "(nothing)");
  printf("connect-without-time %s\n", connect(text, -1) ? "found" : "(nothing)");
  printf("listen %lx\n", (unsigned long)listen("a", "b", "c"));
  // A pointer whose lower half could be a descriptor.
  const char* low = mmap((void*)0x7e0000010000, 4096, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (low == MAP_FAILED) return 1;
  strcpy((char*)low, "d");
  printf("listen-low %lx\n", (unsigned long)listen(low, "e", "f"));
  const struct Three three = accept(text, 0.25, 1, 2, 3, 4, 5, 6);
  printf("accept %ld %g %s\n", three.first, three.second, three.third);
  printf("socket %g\n", socket(text, 0.5));
  fflush(stdout);
#ifndef ALONE
  opens_sockets();
#endif
  return 0;
}
