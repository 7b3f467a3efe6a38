// SPDX-License-Identifier: MIT
//
// Whose word counts as the library starts: the variables, where they are not a caller's who has
// fewer rights than the program; and the user whose files are trusted beside root's.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include "shim/config/environment.h"
#include "shim/preload/exec_environment.h"
#include "shim/preload/next_symbol.h"
#include "shim/system/auxiliary_vector.h"
#include "shim/system/syscalls.h"

namespace sockopt {

// The variables of the program, and whether to trust them: only if LD_PRELOAD beside them names
// this library.
struct Variables {
  EnvironmentView all;
  bool trusted = false;
};

inline bool names_us(const EnvironmentView& environment) {
  const std::string_view preload = get_variable(environment, "LD_PRELOAD");
  return !preload.empty() && (names_library(preload, {}) || names_library(preload, own_path()));
}

inline Variables find_variables() {
  // libc's variable is not filled for a preinit function, and may be the program's own.
  const char* const* const initial = system::initial_environment();
  const EnvironmentView now(initial != nullptr ? initial : __environ);
  if (names_us(now)) return {now, true};
  const EnvironmentView given = exec_environment();
  if (names_us(given)) return {given, true};
  return {now ? now : given, false};
}

// The program has rights that its caller lacks, and does not obey it.
inline bool is_secure() {
  if (const auto secure = system::auxiliary_value(AT_SECURE)) return *secure != 0;
  return system::call(SYS_getuid) != system::call(SYS_geteuid) ||
         system::call(SYS_getgid) != system::call(SYS_getegid);
}

// Whom to trust beside root.
inline uid_t user() {
  if (const auto uid = system::auxiliary_value(AT_EUID)) return static_cast<uid_t>(*uid);
  return static_cast<uid_t>(system::call(SYS_geteuid));
}

}  // namespace sockopt
