/* SPDX-License-Identifier: MIT
 *
 * A library of functions that have nothing but their names in common with libc's. */
#include <stddef.h>

const char* connect(const char* where, double seconds);
const char* connect(const char* where, double seconds) { return seconds > 0 ? where + 1 : NULL; }

long listen(const char* first, const char* second, const char* third);
long listen(const char* first, const char* second, const char* third) {
  return (long)*first << 16 | (long)*second << 8 | *third;
}
