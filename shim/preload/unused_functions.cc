// SPDX-License-Identifier: MIT
//
// What libinih's one object refers to beside its parser: functions that read files and let a buffer
// grow, and none of them is called. Hidden, and in place of libc's, which the loader would look for
// at each start, and would find a program's own.
#include <cstdio>
#include <cstdlib>

extern "C" {

void* malloc(std::size_t /*size*/) noexcept { return nullptr; }
void* realloc(void* /*memory*/, std::size_t /*size*/) noexcept { return nullptr; }
void free(void* /*memory*/) noexcept {}

std::FILE* fopen(const char* /*path*/, const char* /*mode*/) { return nullptr; }
std::FILE* fopen64(const char* /*path*/, const char* /*mode*/) { return nullptr; }
char* fgets(char* /*line*/, int /*size*/, std::FILE* /*file*/) { return nullptr; }
int fclose(std::FILE* /*file*/) { return 0; }

}  // extern "C"

namespace std {

// NOLINTNEXTLINE: the name is libstdc++'s
void __throw_out_of_range_fmt(const char* /*format*/, ...) { __builtin_trap(); }

}  // namespace std
