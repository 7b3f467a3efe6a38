// SPDX-License-Identifier: MIT
//
// Which files the kernel will execute for a program name: found in PATH as execvp(3) finds it, and
// followed through `#!` lines, `#!/usr/bin/env NAME` among them.
#pragma once

#include <string>
#include <vector>

namespace sockopt {

struct ExecutedFiles {
  /// What the name stands for; empty where nothing executable was found.
  std::string path;
  /// The files with machine code that run one after the other: the interpreter of a script, and
  /// what `env` then starts.
  std::vector<std::string> binaries;
  /// A file that one of the others names and that is not there.
  std::string missing;
};

ExecutedFiles find_executed_files(const std::string& name);

}  // namespace sockopt
