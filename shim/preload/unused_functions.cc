// SPDX-License-Identifier: MIT
//
// What libinih's one object refers to: functions that read files and let a buffer grow, none of
// which is called, and the table behind isspace(3). Hidden, and in place of libc's, which the
// loader would look for at each start, and would find a program's own; and libc's table is not
// there yet when an IFUNC's resolver calls a hook.
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" {

#if !defined(SOCKOPT_COVERAGE)  // libgcov's code calls libc's
void* malloc(std::size_t /*size*/) noexcept { return nullptr; }
void* realloc(void* /*memory*/, std::size_t /*size*/) noexcept { return nullptr; }
void free(void* /*memory*/) noexcept {}

std::FILE* fopen(const char* /*path*/, const char* /*mode*/) { return nullptr; }
std::FILE* fopen64(const char* /*path*/, const char* /*mode*/) { return nullptr; }
char* fgets(char* /*line*/, int /*size*/, std::FILE* /*file*/) { return nullptr; }
int fclose(std::FILE* /*file*/) { return 0; }
#endif

#if defined(__GLIBC__)
const unsigned short** __ctype_b_loc() noexcept {
  struct Classes {
    unsigned short of[256] = {};
    constexpr Classes() {
      for (const char c : std::string_view(" \t\n\v\f\r")) {
        of[static_cast<unsigned char>(c)] = _ISspace;
      }
    }
  };
  static constexpr Classes kClasses;
  static const unsigned short* const place = kClasses.of;
  return const_cast<const unsigned short**>(&place);
}
#endif

}  // extern "C"

namespace std {

// NOLINTNEXTLINE: the name is libstdc++'s
void __throw_out_of_range_fmt(const char* /*format*/, ...) { __builtin_trap(); }

}  // namespace std
