// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/library.h"

#include <unistd.h>

#include <exception>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "tools/sockopt/launch/loader_cache.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kName = "libsockopt.so";

std::vector<fs::path> candidates(std::string_view name) {
  std::vector<fs::path> paths;
  std::error_code unreadable;
  const fs::path directory = fs::read_symlink("/proc/self/exe", unreadable).parent_path();
  if (!unreadable && directory.is_absolute()) {
    paths.push_back(directory / name);
    paths.push_back(directory.parent_path() / SOCKOPT_LIBDIR / name);
    paths.push_back(directory.parent_path() / "lib64" / name);  // where RPM has it
  }
  paths.push_back(fs::path(SOCKOPT_FULL_LIBDIR) / name);
  return paths;
}

std::string find_named(std::string_view name) {
  std::string looked_at;
  for (const fs::path& path : candidates(name)) {
    std::error_code missing;
    if (!fs::is_regular_file(path, missing) || ::access(path.c_str(), R_OK) != 0) {
      looked_at += (looked_at.empty() ? "" : ", ") + path.string();
      continue;
    }
    // The loader separates names at `:` and white space, and expands what begins with `$`.
    if (path.native().find_first_of(": \t\n\v\f\r$") != std::string::npos) {
      throw std::runtime_error(
          fmt::format("{}: LD_PRELOAD cannot hold a path with `:`, `$` or white space; move it",
                      path.native()));
    }
    return path.native();
  }
  throw std::runtime_error(fmt::format("{} not found; looked for {}", name, looked_at));
}

}  // namespace

std::string find_library() { return find_named(kName); }

std::string zmq_library_beside(std::string_view library) {
  return std::string(library.substr(0, library.rfind('/') + 1)).append(kZmqLibrary);
}

std::string find_zmq_library() {
  try {
    return find_named(kZmqLibrary);
  } catch (const std::exception&) {
    return {};
  }
}

std::string installed_library() {
  try {
    return find_library();
  } catch (const std::exception&) {
    return SOCKOPT_FULL_LIBDIR "/libsockopt.so";  // said where the host is examined
  }
}

ElfMachine installed_machine() {
  if (const auto elf = read_elf_file(installed_library())) return elf->machine;
  return read_elf_file("/proc/self/exe").value_or(ElfFile{}).machine;
}

ElfMachines installed_machines() {
  ElfMachines machines = library_machines(FileTree::host(), installed_library());
  return machines.empty() ? ElfMachines{installed_machine()} : machines;
}

}  // namespace sockopt
