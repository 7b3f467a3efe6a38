// SPDX-License-Identifier: MIT
//
// The names of a program for the rules of a policy, of a process that is not ours: the same ones
// that the library reads of itself. They are those of now: an interpreter that overwrote its
// command line since has lost the name of its script.
#pragma once

#include <memory>
#include <string>

#include "shim/policy/program.h"
#include "tools/inspect/foreign_process.h"
#include "tools/inspect/result.h"

namespace sockopt {

/// A Program, and what it points to.
struct ProcessProgram {
  Program program;
  std::string executed;  ///< AT_EXECFN: what was given to execve(2); empty where it is not known

  ProcessProgram() = default;
  ProcessProgram(const ProcessProgram&) = delete;
  ProcessProgram& operator=(const ProcessProgram&) = delete;
};

/// Fails where the process may not be looked into, or has ended.
Result<std::unique_ptr<ProcessProgram>> read_program(const ForeignProcess& process);

}  // namespace sockopt
