/* SPDX-License-Identifier: MIT
 *
 * A program with a function that libraries/resolving.c chooses. */
#include "victim.h"

int answer_of_the_resolver(void);

int main(void) {
  tell("answer", "%d", answer_of_the_resolver());
  tell("listener", "%d", keepidle(listen_on(1, 5)));
  return 0;
}
