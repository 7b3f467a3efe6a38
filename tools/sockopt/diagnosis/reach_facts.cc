// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/reach_facts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <exception>

#include "tools/inspect/read_small_file.h"
#include "tools/inspect/systemd_unit.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/preload_list.h"

namespace sockopt {
namespace {

// Seconds since 1970 of a start time in clock ticks since boot.
std::int64_t wall_clock(std::uint64_t start_time) {
  timespec now = {};
  timespec up = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  ::clock_gettime(CLOCK_BOOTTIME, &up);
  const auto started = static_cast<std::int64_t>(start_time) / ::sysconf(_SC_CLK_TCK);
  return now.tv_sec - up.tv_sec + started;
}

// The nearest one. Who may not be looked at ends the search: beyond it nothing can be said.
std::optional<NamingAncestor> find_ancestor(pid_t parent) {
  constexpr int kFurthest = 16;
  for (int i = 0; i < kFurthest && parent > 0; ++i) {
    const auto process = ForeignProcess::open(parent);
    if (!process) return std::nullopt;
    const auto environment = read_small_file(process->directory(), "environ");
    if (!environment) return std::nullopt;
    if (!words_for_library(parse_environment(*environment).get("LD_PRELOAD")).empty()) {
      return NamingAncestor{parent, process->entry().name};
    }
    parent = process->entry().parent;
  }
  return std::nullopt;
}

bool same_file(const std::string& path, const std::string& other) {
  struct stat a = {};
  struct stat b = {};
  return ::stat(path.c_str(), &a) == 0 && ::stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

}  // namespace

Result<FileTree> files_of(const ForeignProcess& process) {
  const std::string root = process.path() + "/root";
  return FileTree::open(same_file(root + '/', "/") ? "/" : root);
}

ElfMachine installed_machine() {
  try {
    if (const auto elf = read_elf_file(find_library())) return elf->machine;
  } catch (const std::exception&) {
    // Said where the host is examined.
  }
  return read_elf_file("/proc/self/exe").value_or(ElfFile{}).machine;
}

Result<ReachFacts> read_reach_facts(const ForeignProcess& process, const HeldPolicy* held,
                                    const ElfMachine& library_machine) {
  Result<ProcessFacts> read = read_process_facts(process);
  if (!read) return read.failure();
  ReachFacts facts;
  facts.pid = process.pid();
  facts.unit = unit_of(process);
  facts.process = *std::move(read);
  if (held != nullptr)
    facts.loaded = LoadedLibrary{held->library, held->library_replaced, held->version};
  facts.library_machine = library_machine;
  facts.started = wall_clock(process.entry().start_time);
  const UniqueFd executable(::openat(process.directory(), "exe", O_RDONLY | O_CLOEXEC));
  if (executable) facts.executable = read_elf_file(executable.get());

  facts.named = words_for_library(facts.process.environment.get("LD_PRELOAD"));
  if (facts.named.empty()) {
    facts.ancestor = find_ancestor(process.entry().parent);
    return facts;
  }
  const Result<FileTree> files = files_of(process);
  if (!files) return files.failure();
  std::string path = facts.named.front();
  if (path.find('/') == std::string::npos) {
    path = find_by_name(*files, path, facts.executable && facts.executable->is_musl());
  }
  // A relative one was looked for where the process was at its start.
  if (path.starts_with('/')) {
    facts.named_file =
        look_at_library(*files, path, {facts.process.status.user, facts.process.status.groups});
  }
  return facts;
}

}  // namespace sockopt
