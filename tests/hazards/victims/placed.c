/* SPDX-License-Identifier: MIT
 *
 * A program of two libraries that were linked for the same address. */
#include "victim.h"

int placed_first(void);
int placed_second(void);

int main(void) {
  tell("sum", "%d", placed_first() + placed_second());
  tell("listener", "%d", keepidle(listen_on(1, 5)));
  return 0;
}
