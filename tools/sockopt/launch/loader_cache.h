// SPDX-License-Identifier: MIT
//
// The library under its bare name. Where it is installed for programs of two kinds of machine,
// 64-bit and 32-bit x86 say, a path in LD_PRELOAD serves one of them, and the loader of the other
// complains at each start. By the name each loader finds its own, in the cache that ldconfig makes.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/launch/elf_file.h"
#include "tools/systemd/file_tree.h"

namespace sockopt {

/// The files of this name in the cache that are there, in its order.
std::vector<std::string> cached_libraries(const FileTree& files, const std::string& name);

/// The machines whose loaders take what preload_word() says; that of the library itself first.
ElfMachines library_machines(const FileTree& files, const std::string& library);

/// What LD_PRELOAD is to hold for a program that comes to these files: the name where it serves
/// more machines than the path. Musl's loader does not read the cache.
std::string preload_word(const FileTree& files, const std::string& library,
                         const std::vector<std::string>& binaries);

}  // namespace sockopt
