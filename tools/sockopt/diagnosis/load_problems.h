// SPDX-License-Identifier: MIT
//
// Why the library cannot work in a program: what LD_PRELOAD does not reach, known before the
// program starts. None of it keeps the program from running.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "tools/sockopt/launch/elf_file.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// What stops a library for these machines from working in the executable file, if this
/// process executes it. Nothing where there is no problem, or none can be seen.
std::optional<Finding> find_load_problem(const std::string& executable, const ElfMachines& library);

/// Who executes a file, as far as the rights that this gives depend on it.
struct Executor {
  uid_t real_user = 0;
  uid_t user = 0;
  gid_t real_group = 0;
  gid_t group = 0;
  bool no_new_privileges = false;

  /// This process.
  static Executor self();
};

/// The same of the rights that the open file gives alone.
std::optional<Finding> find_rights_problem(int fd, const Executor& executor);

/// The same of the machine code alone, whoever executes it: a program of another kind, static, or
/// in Go.
std::optional<Finding> find_code_problem(const ElfFile& file, const ElfMachines& library);

}  // namespace sockopt
