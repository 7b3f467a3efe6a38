// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/sanitizer.h"

#include <algorithm>
#include <array>

#include "shim/text/text.h"
#include "tools/sockopt/launch/preload_list.h"

namespace sockopt {
namespace {

// GCC's names, then Clang's. The undefined behaviour sanitizer does not mind its place.
constexpr std::array<std::string_view, 8> kRuntimes = {
    "libasan.so",       "libhwasan.so",       "liblsan.so",       "libtsan.so",
    "libclang_rt.asan", "libclang_rt.hwasan", "libclang_rt.lsan", "libclang_rt.tsan"};

bool is_runtime(std::string_view library) {
  return std::any_of(kRuntimes.begin(), kRuntimes.end(), [&](std::string_view beginning) {
    return base_name(library).starts_with(beginning);
  });
}

}  // namespace

std::string sanitizer_runtime(const ElfFile& executable) {
  const auto& needed = executable.needed;
  const auto found = std::find_if(needed.begin(), needed.end(), is_runtime);
  return found == needed.end() ? std::string() : *found;
}

std::string sanitizer_runtime(const std::vector<std::string>& executables) {
  for (const std::string& executable : executables) {
    const std::optional<ElfFile> elf = read_elf_file(executable);
    if (!elf) continue;
    if (std::string runtime = sanitizer_runtime(*elf); !runtime.empty()) return runtime;
  }
  return {};
}

std::string with_runtime_first(std::string_view runtime, std::string_view preload) {
  std::vector<std::string_view> libraries = preload_words(preload);
  const auto same = [&](std::string_view library) { return base_name(library) == runtime; };
  if (!runtime.empty() && std::none_of(libraries.begin(), libraries.end(), same)) {
    libraries.insert(libraries.begin(), runtime);
  }
  std::stable_partition(libraries.begin(), libraries.end(), is_runtime);
  return preload_text(libraries);
}

}  // namespace sockopt
