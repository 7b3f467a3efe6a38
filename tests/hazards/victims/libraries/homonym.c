/* SPDX-License-Identifier: MIT
 *
 * A library of functions that have nothing but their names in common with libc's. */
#include <stddef.h>

const char* connect(const char* where, double seconds);
const char* connect(const char* where, double seconds) { return seconds > 0 ? where + 1 : NULL; }

/* More arguments than there are registers, and a structure that is returned. */
struct Three {
  long first;
  double second;
  const char* third;
};
struct Three accept(const char* a, double b, long c, long d, long e, long f, long g, long h);
struct Three accept(const char* a, double b, long c, long d, long e, long f, long g, long h) {
  const struct Three three = {c + 10 * d + 100 * e + 1000 * f + 10000 * g + 100000 * h, b, a};
  return three;
}

double socket(const char* text, double scale);
double socket(const char* text, double scale) { return scale * text[0]; }

long listen(const char* first, const char* second, const char* third);
long listen(const char* first, const char* second, const char* third) {
  return (long)*first << 16 | (long)*second << 8 | *third;
}
