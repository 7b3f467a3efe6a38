/* SPDX-License-Identifier: MIT
 *
 * namespaces HOW LIBRARY: calls into a library that it loads so that the library's `socket` is not
 * the program's: with RTLD_DEEPBIND, or into a namespace of its own (dlmopen). With `shim` or
 * `dlmopen-shim`, LIBRARY is a shim that is loaded late. The socket is then used by the program
 * itself. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "victim.h"

static void* load(const char* how, const char* path) {
  if (!strcmp(how, "deepbind")) return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  if (!strncmp(how, "dlmopen", 7)) return dlmopen(LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL);
  return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  alarm(kPatienceSeconds);
  void* library = load(argv[1], argv[2]);
  if (!library) {
    tell("failed", "%s", dlerror());
    return 1;
  }
  int (*open_socket)(int, int, int) =
      (int (*)(int, int, int))dlsym(library, strstr(argv[1], "shim") ? "socket" : "open_socket");
  if (!open_socket) die("no such function");
  errno = kSentinel;
  const int fd = open_socket(AF_INET, SOCK_STREAM, 0);
  tell("errno", "%d", errno);
  tell("keepidle", "%d", keepidle(fd));
  const struct sockaddr_in address = loopback(1);
  tell("bind", "%d", bind(fd, (const struct sockaddr*)&address, sizeof address));
  tell("listen", "%d", listen(fd, 5));
  tell("listener", "%d", keepidle(fd));
  dial(fd);
  tell("accepted", "%d", keepidle(accept(fd, NULL, NULL)));
  tell("closed", "%d", dlclose(library));
  tell("later", "%d", keepidle(socket(AF_INET, SOCK_STREAM, 0)));
  return 0;
}
