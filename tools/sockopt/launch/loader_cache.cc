// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/loader_cache.h"

#include <sys/stat.h>

#include <algorithm>

#include "shim/text/text.h"

namespace sockopt {
namespace {

bool is_same_file(const FileTree& files, const std::string& path, const std::string& other) {
  const auto a = files.status(path);
  const auto b = files.status(other);
  return a && b && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

}  // namespace

// A cache is strings, each ended by NUL, behind tables that are not needed for this.
std::vector<std::string> cached_libraries(const FileTree& files, const std::string& name) {
  const Result<std::string> text = files.read("/etc/ld.so.cache");
  std::vector<std::string> paths;
  if (!text) return paths;
  const std::string end = '/' + name + '\0';
  for (std::size_t at = text->find(end); at != std::string::npos; at = text->find(end, at + 1)) {
    const std::size_t start = text->rfind('\0', at) + 1;
    std::string path = text->substr(start, at + name.size() + 1 - start);
    if (path.starts_with('/') && files.status(path)) paths.push_back(std::move(path));
  }
  return paths;
}

ElfMachines library_machines(const FileTree& files, const std::string& library) {
  const auto own = read_elf_file(files, library);
  if (!own) return {};
  ElfMachines machines = {own->machine};
  bool is_found = false;  // by its own loader, which takes the first that is for it
  for (const std::string& path : cached_libraries(files, std::string(base_name(library)))) {
    const auto elf = read_elf_file(files, path);
    if (!elf) continue;
    if (elf->machine != own->machine) {
      machines.push_back(elf->machine);
    } else if (!is_found && !is_same_file(files, path, library)) {
      return {own->machine};
    } else {
      is_found = true;
    }
  }
  if (!is_found) machines.resize(1);
  return machines;
}

std::string preload_word(const FileTree& files, const std::string& library,
                         const std::vector<std::string>& binaries) {
  const bool is_for_musl =
      std::any_of(binaries.begin(), binaries.end(), [&](const std::string& binary) {
        const auto elf = read_elf_file(files, binary);
        return elf && elf->is_musl();
      });
  const bool is_path = is_for_musl || library_machines(files, library).size() < 2;
  return is_path ? library : std::string(base_name(library));
}

}  // namespace sockopt
