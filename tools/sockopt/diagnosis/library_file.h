// SPDX-License-Identifier: MIT
//
// Whether a loader can map a file that LD_PRELOAD names. Where it cannot, it says so once, on the
// standard error of the daemon, and runs the program without it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/sockopt/launch/elf_file.h"
#include "tools/systemd/file_tree.h"

namespace sockopt {

struct LibraryFile {
  std::string path;
  int error = 0;  ///< why it cannot be looked at; 0: it can
  std::optional<ElfMachine> machine{};
  bool on_noexec = false;    ///< on a file system that is mounted noexec
  std::string closed_at{};   ///< the first part of the path that keeps the user out
  std::string open_at{};     ///< the first part of it that others than root can change: `PATH WHY`
  std::int64_t changed = 0;  ///< seconds since 1970: of its content, name or mode
};

struct LibraryUser {
  uid_t user = 0;
  std::vector<gid_t> groups{};
};

/// `path` is absolute, of the host or of the tree that a process has for it.
LibraryFile look_at_library(const FileTree& files, const std::string& path,
                            const LibraryUser& user);

/// Why the loader of a program for `machine` does not take it, as `it ...`; empty: it does.
std::string why_not_taken(const LibraryFile& file, const ElfMachine& machine);

/// Where the loader of a program finds a name without `/`; empty: nowhere. A guess for musl, whose
/// list of directories is its own.
std::string find_by_name(const FileTree& files, const std::string& name, const ElfFile& program);

}  // namespace sockopt
