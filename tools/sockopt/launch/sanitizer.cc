// SPDX-License-Identifier: MIT
//
// See sanitizer.h.
#include "tools/sockopt/launch/sanitizer.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

#include "shim/text/text.h"
#include "tools/inspect/unique_fd.h"

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
    const UniqueFd file(::open(executable.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) continue;
    const std::optional<ElfFile> elf = read_elf_file(file.get());
    if (!elf) continue;
    if (std::string runtime = sanitizer_runtime(*elf); !runtime.empty()) return runtime;
  }
  return {};
}

std::string with_runtime_first(std::string_view runtime, std::string_view preload) {
  std::vector<std::string_view> libraries;
  while (!preload.empty()) {
    const std::size_t end = std::min(preload.find_first_of(": "), preload.size());
    if (end != 0) libraries.push_back(preload.substr(0, end));
    preload.remove_prefix(std::min(end + 1, preload.size()));
  }
  const auto same = [&](std::string_view library) { return base_name(library) == runtime; };
  if (!runtime.empty() && std::none_of(libraries.begin(), libraries.end(), same)) {
    libraries.insert(libraries.begin(), runtime);
  }
  std::stable_partition(libraries.begin(), libraries.end(), is_runtime);
  std::string value;
  for (const std::string_view library : libraries) {
    value.append(value.empty() ? "" : ":").append(library);
  }
  return value;
}

}  // namespace sockopt
