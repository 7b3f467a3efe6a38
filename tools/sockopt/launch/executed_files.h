// SPDX-License-Identifier: MIT
//
// Which files the kernel will execute for a program name: found in PATH as execvp(3) finds it, and
// followed through `#!` lines, `#!/usr/bin/env NAME` among them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tools/inspect/process_program.h"
#include "tools/systemd/file_tree.h"

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

/// The names that a program has once it is started by these words: of the file that the kernel runs
/// in the end, without links, of what was executed, of argv[0], and of the script that an
/// interpreter is given.
std::unique_ptr<ProcessProgram> name_program(const FileTree& files,
                                             const std::vector<std::string>& words,
                                             const ExecutedFiles& executed);

/// The same from here; of a program that is not there, as far as its name tells.
std::unique_ptr<ProcessProgram> name_program(const std::string& name);

/// As execvp(3) finds it in our PATH; empty where it is not there or not executable.
std::string find_in_path(const std::string& name);

/// The words behind `#!`; none where the file is no script.
std::vector<std::string> script_line(const FileTree& files, const std::string& path);

/// Where a name is found that `env` is to start; empty where it is not.
using ProgramSearch = std::function<std::string(const std::string& name)>;

/// The same of a file in a tree.
ExecutedFiles follow_scripts(const FileTree& files, const std::string& path,
                             const ProgramSearch& search);

}  // namespace sockopt
