/* SPDX-License-Identifier: MIT
 *
 * A program that calls functions named as libc's are (libraries/homonym.c), and a library that
 * calls libc's (libraries/networked.c). */
#include <stdio.h>
#include <string.h>

const char* connect(const char* where, double seconds);
long listen(const char* first, const char* second, const char* third);
int opens_sockets(void);

int main(void) {
  const char* text = "xyz";
  const char* found = connect(text, 0.5);
  printf("connect %s\n", found ? found : "(nothing)");
  printf("connect-without-time %s\n", connect(text, -1) ? "found" : "(nothing)");
  printf("listen %lx\n", (unsigned long)listen("a", "b", "c"));
  fflush(stdout);
  opens_sockets();
  return 0;
}
