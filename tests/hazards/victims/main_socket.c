/* SPDX-License-Identifier: MIT
 *
 * Opens a socket in main. With an argument it is not asked for its option: a filter forbids that.
 */
#include "victim.h"

int main(int argc, char** argv) {
  (void)argv;
  errno = kSentinel;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  tell("main", "%d errno %d", argc > 1 ? fd >= 0 : keepidle(fd), errno);
  return 0;
}
