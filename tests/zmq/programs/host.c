// SPDX-License-Identifier: MIT
//
// Loads each plugin that it is given, asks it for ZMQ_LINGER of a new socket, and unloads it; with
// `keep` as its first argument it keeps them all, and asks them once more. After each it prints
// whether a libzmq is still there. What follows `global` is loaded for the whole program instead.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kMost = 16 };

#if defined(OWN_ITERATE)
// A function of its own that the C library has by the same name: nobody else is to call it.
int dl_iterate_phdr(void) { abort(); }
#endif

static int ask(void* plugin) {
  int (*linger)(void) = (int (*)(void))dlsym(plugin, "plugin_linger");
  const int answer = linger();
  if (dlerror() != NULL) printf("an error is left\n");
  return answer;
}

int main(int argc, char** argv) {
  const int keeps = argc > 1 && strcmp(argv[1], "keep") == 0;
  void* plugins[kMost];
  int count = 0;
  for (int i = 1 + keeps; i < argc && count < kMost; ++i) {
    if (strcmp(argv[i], "global") == 0 && i + 1 < argc) {
      if (dlopen(argv[++i], RTLD_NOW | RTLD_GLOBAL) == NULL) return 1;
      continue;
    }
    void* plugin = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
    if (plugin == NULL) {
      printf("%s\n", dlerror());
      return 1;
    }
    printf("linger %d", ask(plugin));
    if (keeps) {
      plugins[count++] = plugin;
    } else {
      dlclose(plugin);
    }
    void* libzmq = dlopen("libzmq.so.5", RTLD_LAZY | RTLD_NOLOAD);
    printf(", libzmq.so.5 %s\n", libzmq != NULL ? "loaded" : "not loaded");
    if (libzmq != NULL) dlclose(libzmq);
  }
  for (int i = 0; i < count; ++i) printf("linger %d\n", ask(plugins[i]));
  return 0;
}
