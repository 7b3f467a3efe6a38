/* SPDX-License-Identifier: MIT
 *
 * A library whose constructor changes the environment: `clear` all of it; `unset` LD_PRELOAD, so
 * that children are not traced; `array`, an empty one in place of it; `empty` LD_PRELOAD; `renew`
 * it, with nothing but a variable of its own. */
#include "../victim.h"

extern char** environ;

__attribute__((constructor)) static void forget(void) {
  static char* none[] = {NULL};
  const char* how = getenv("FORGET");
  if (!how) return;
  if (!strcmp(how, "clear")) clearenv();
  if (!strcmp(how, "unset")) unsetenv("LD_PRELOAD");
  if (!strcmp(how, "array")) environ = none;
  if (!strcmp(how, "empty")) setenv("LD_PRELOAD", "", 1);
  if (!strcmp(how, "renew") && (clearenv() || setenv("OWN", "1", 1))) die("environment");
}
