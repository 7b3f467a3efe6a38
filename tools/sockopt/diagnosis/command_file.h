// SPDX-License-Identifier: MIT
//
// Whether the command can be run where it is: in an image, what it needs may not be there.
#pragma once

#include <string>

#include "tools/sockopt/launch/elf_file.h"
#include "tools/systemd/file_tree.h"

namespace sockopt {

/// Why the file at `path` in a tree cannot be executed there; empty: nothing speaks against it.
/// `machine` is what the other files of the tree are for.
std::string why_not_runnable(const FileTree& files, const std::string& path,
                             const ElfMachine& machine);

}  // namespace sockopt
