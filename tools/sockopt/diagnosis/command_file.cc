// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/command_file.h"

#include <fmt/format.h>

#include "tools/sockopt/diagnosis/library_file.h"
#include "tools/sockopt/launch/executed_files.h"

namespace sockopt {
namespace {

std::string why_not_runnable(const FileTree& files, const ElfFile& elf, const ElfMachine& machine) {
  if (elf.machine != machine) {
    return fmt::format("it is for {}, and not for {}", elf.machine.text(), machine.text());
  }
  if (!elf.loader.empty() && !files.status(elf.loader)) {
    return fmt::format("its loader {} does not exist", files.outside(elf.loader));
  }
  for (const std::string& name : elf.needed) {
    if (find_by_name(files, name, elf).empty()) {
      return fmt::format("it needs {}, which does not exist", name);
    }
  }
  return {};
}

}  // namespace

std::string why_not_runnable(const FileTree& files, const std::string& path,
                             const ElfMachine& machine) {
  const auto status = files.status(path);
  if (!status) return "it does not exist";
  if ((status->st_mode & 0111) == 0) return "it is not executable";
  const ExecutedFiles executed =
      follow_scripts(files, path, [](const std::string& name) { return name; });
  if (!executed.missing.empty()) {
    return fmt::format("its interpreter {} does not exist", files.outside(executed.missing));
  }
  for (const std::string& binary : executed.binaries) {
    const auto elf = read_elf_file(files, binary);
    if (!elf) return fmt::format("{} is no program", files.outside(binary));
    if (const std::string why = why_not_runnable(files, *elf, machine); !why.empty()) return why;
  }
  return executed.binaries.empty() ? "it is no program" : std::string();
}

}  // namespace sockopt
