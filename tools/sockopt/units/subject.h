// SPDX-License-Identifier: MIT
//
// A service that is to have the library: what the questions about it start from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/sockopt/launch/elf_file.h"
#include "tools/systemd/service_environment.h"
#include "tools/systemd/unit.h"

namespace sockopt {

struct ServiceSubject {
  const FileTree& files;
  const SystemdUnit& unit;                ///< with the drop-in, as it will be loaded
  const ServiceEnvironment& environment;  ///< of that
  std::string drop_in;                    ///< its path
  std::string library;                    ///< its path, in the tree
  ElfMachines machines;                   ///< that the library is there for
  bool planned = false;                   ///< the drop-in is not written yet
};

/// The command that enables units in a tree, as a shell takes it.
std::string enable_command(const FileTree& files, const std::vector<std::string>& units);

/// The path of libsockopt.so in a tree; empty where it is not there. Throws std::runtime_error
/// where LD_PRELOAD cannot hold its path.
std::string find_library_in(const FileTree& files);

/// The command in a tree; empty where it is not there.
std::string find_command_in(const FileTree& files);

}  // namespace sockopt
