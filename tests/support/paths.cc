// SPDX-License-Identifier: MIT
#include "tests/support/paths.h"

#include <link.h>

#include <string>

namespace sockopt::test {
namespace {

// The program itself comes first.
int take_interpreter(dl_phdr_info* object, std::size_t, void* path) {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type != PT_INTERP) continue;
    *static_cast<std::filesystem::path*>(path) =
        reinterpret_cast<const char*>(object->dlpi_addr + header.p_vaddr);
  }
  return 1;
}

int take_directory_of_libc(dl_phdr_info* object, std::size_t, void* path) {
  const std::filesystem::path name = object->dlpi_name;
  if (!name.filename().string().starts_with("libc.")) return 0;
  *static_cast<std::filesystem::path*>(path) = name.parent_path();
  return 1;
}

}  // namespace

std::filesystem::path build_directory() { return SOCKOPT_BUILD_DIR; }

std::filesystem::path source_directory() { return SOCKOPT_SOURCE_DIR; }

std::filesystem::path library() { return build_directory() / "libsockopt.so"; }

std::filesystem::path dynamic_linker() {
  std::filesystem::path linker;
  dl_iterate_phdr(take_interpreter, &linker);
  return linker;
}

std::filesystem::path system_library(std::string_view name) {
  std::filesystem::path directory;
  dl_iterate_phdr(take_directory_of_libc, &directory);
  const std::filesystem::path below_usr = "/usr" / directory.relative_path();
  for (const std::filesystem::path& one :
       {directory, below_usr, std::filesystem::path("/usr/lib")}) {
    if (std::filesystem::exists(one / name)) return one / name;
  }
  return {};
}

}  // namespace sockopt::test
