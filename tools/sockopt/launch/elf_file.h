// SPDX-License-Identifier: MIT
//
// What an executable file tells about how it will run, as far as that decides whether a library
// can be preloaded into it. Read from files that may be anything: every offset is checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/systemd/file_tree.h"

namespace sockopt {

/// What machine a file is for. Files of different ones cannot share a process.
struct ElfMachine {
  unsigned char bits = 0;  ///< ELFCLASS32 or ELFCLASS64
  unsigned char order = 0;
  std::uint16_t machine = 0;  ///< EM_X86_64 ...

  bool operator==(const ElfMachine&) const = default;

  /// `64-bit x86-64`.
  std::string text() const;
};

using ElfMachines = std::vector<ElfMachine>;

struct ElfFile {
  ElfMachine machine;
  /// The loader that the program asks for. Of files for this command's own machine only, as all
  /// that follows.
  std::string loader;
  std::vector<std::string> needed{};  ///< the libraries that it is linked with
  bool is_static = false;             ///< a program without a loader, position independent or not
  bool is_go = false;

  /// Whether its loader is that of musl.
  bool is_musl() const;
  /// The first library that it needs whose name begins so; empty where there is none.
  std::string needed_like(std::string_view beginning) const;
};

/// Nothing where `fd` is no ELF file.
std::optional<ElfFile> read_elf_file(int fd);
/// Nor where it cannot be opened.
std::optional<ElfFile> read_elf_file(const std::string& path);
std::optional<ElfFile> read_elf_file(const FileTree& files, const std::string& path);

}  // namespace sockopt
