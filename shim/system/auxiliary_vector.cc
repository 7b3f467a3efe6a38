// SPDX-License-Identifier: MIT
#include "shim/system/auxiliary_vector.h"

#include <fcntl.h>
#include <link.h>

#include <cstdint>

#include "shim/system/loader.h"
#include "shim/system/syscalls.h"

// Where the arguments, the environment and the vector begin: of glibc's loader, and null elsewhere.
extern "C" [[gnu::weak, gnu::visibility("default")]] const std::uintptr_t* const sockopt_stack_end;
__asm__(".symver sockopt_stack_end, __libc_stack_end@");

namespace sockopt::system {
namespace {

using Entry = ElfW(auxv_t);

// No stack of a thread is nearer below the main one's end.
constexpr std::uintptr_t kMainStack = std::uintptr_t{1} << 24;

// How many arguments there are, then these, the environment and the vector.  Null where they cannot
// be found: a program can have a variable of its own by the loader's name.
const std::uintptr_t* initial_stack() {
  const char here = 0;
  if (&sockopt_stack_end == nullptr) return nullptr;
  if (is_on_main_stack(&here) || is_the_loaders(&sockopt_stack_end)) return sockopt_stack_end;
  return nullptr;
}

// Null where there is no entry of this type.
const Entry* find(const Entry* entry, unsigned long type) {
  for (; entry->a_type != AT_NULL; ++entry) {
    if (entry->a_type == type) return entry;
  }
  return nullptr;
}

// Null where something else is there: a program can write over its arguments' pointers.
const Entry* vector_on_stack() {
  const std::uintptr_t* word = initial_stack();
  if (word == nullptr) return nullptr;
  word += 1 + *word;  // the arguments and how many there are
  if (*word++ != 0) return nullptr;
  while (*word != 0) ++word;
  // unsetenv(3) leaves a second null where the last variable was.
  while (*word == 0) ++word;
  const auto* vector = reinterpret_cast<const Entry*>(word);
  return find(vector, AT_PHDR) != nullptr && find(vector, AT_PAGESZ) != nullptr ? vector : nullptr;
}

}  // namespace

bool is_on_main_stack(const void* pointer) {
  if (&sockopt_stack_end == nullptr) return false;
  return reinterpret_cast<std::uintptr_t>(sockopt_stack_end) -
             reinterpret_cast<std::uintptr_t>(pointer) <
         kMainStack;
}

const char* const* initial_environment() {
  const std::uintptr_t* const words = initial_stack();
  if (words == nullptr) return nullptr;
  return reinterpret_cast<const char* const*>(words + 1 + *words + 1);
}

std::optional<unsigned long> auxiliary_value(unsigned long type) {
  constexpr std::size_t kMost = 64;
  Entry read[kMost + 1];
  const Entry* vector = vector_on_stack();
  if (vector == nullptr) {
    const int fd = open_file("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    const long size = read_some(fd, read, kMost * sizeof(Entry));
    close_file(fd);
    if (size < 0) return {};
    read[static_cast<std::size_t>(size) / sizeof(Entry)].a_type = AT_NULL;
    vector = read;
  }
  const Entry* found = find(vector, type);
  if (found == nullptr) return {};
  return found->a_un.a_val;
}

}  // namespace sockopt::system
