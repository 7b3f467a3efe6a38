// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/reach_facts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"
#include "tools/inspect/systemd_unit.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/units/accepting_socket.h"
#include "tools/systemd/unit_name.h"

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

std::string executable_of(const ForeignProcess& process) {
  const auto path = read_link(process.directory(), "exe");
  return path ? *path : std::string();
}

// The nearest one that has the library's name, and the nearest one that is known to hand on only
// what it lists, up to that. Who may not be looked at ends the search: beyond it nothing can be
// said.
void find_ancestors(pid_t parent, ReachFacts& facts) {
  constexpr int kFurthest = 16;
  const std::string configuration(facts.process.environment.get("SOCKOPT_CONFIG"));
  for (int i = 0; i < kFurthest && parent > 0; ++i) {
    const auto process = ForeignProcess::open(parent);
    if (!process) return;
    if (!facts.cleaner) {
      facts.cleaner = find_cleaning_daemon(executable_of(*process), facts.library, configuration);
    }
    const auto environment = read_small_file(process->directory(), "environ");
    if (!environment) return;
    if (!words_for_library(parse_environment(*environment).get("LD_PRELOAD")).empty()) {
      facts.ancestor = NamingAncestor{parent, process->entry().name};
      return;
    }
    parent = process->entry().parent;
  }
}

// Which files it sees, where those are not the ones that we see.
std::string describe_root(const ForeignProcess& process) {
  const auto root = read_link(process.directory(), "root");
  if (root && *root != "/") return fmt::format("in its root {}", *root);
  struct stat own = {};
  const auto space = process.namespace_inode("mnt");
  const bool elsewhere = space && ::stat("/proc/self/ns/mnt", &own) == 0 && *space != own.st_ino;
  return elsewhere ? fmt::format("in its mount namespace (/proc/{}/root)", process.pid()) : "";
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

Result<ReachFacts> read_reach_facts(const ForeignProcess& process, const HeldPolicy* held,
                                    const ElfMachines& library_machines) {
  Result<ProcessFacts> read = read_process_facts(process);
  if (!read) return read.failure();
  ReachFacts facts;
  facts.pid = process.pid();
  facts.unit = unit_of(process);
  facts.process = *std::move(read);
  facts.root = describe_root(process);
  facts.library = installed_library();
  facts.library_machines = library_machines;
  facts.started = wall_clock(process.entry().start_time);
  const UniqueFd executable(::openat(process.directory(), "exe", O_RDONLY | O_CLOEXEC));
  if (executable) facts.executable = read_elf_file(executable.get());

  const Result<FileTree> files = files_of(process);
  if (!files) return files.failure();
  const std::string_view preload = facts.process.environment.get("LD_PRELOAD");
  facts.named = words_for_library(preload);
  for (const std::string_view word : preload_words(preload)) {
    if (word.starts_with('/') && word.find('$') == word.npos && !files->status(std::string(word))) {
      facts.missing = word;
    }
  }
  if (held != nullptr) {
    facts.loaded = LoadedLibrary{held->library, held->library_replaced,
                                 !files->status(held->library), held->version};
    // A copy of it has whatever name.
    for (const std::string_view word : preload_words(preload)) {
      if (facts.named.empty() && base_name(word) == base_name(held->library)) {
        facts.named.emplace_back(word);
      }
    }
  }
  facts.per_connection =
      !unit_template(facts.unit).empty() && !accepting_socket(FileTree::host(), facts.unit).empty();
  if (facts.named.empty()) {
    find_ancestors(process.entry().parent, facts);
    if (held == nullptr && files->is_host()) facts.unit_preload = read_unit_preload(facts.unit);
    return facts;
  }
  std::string path = facts.named.front();
  if (path.find('/') == std::string::npos) {
    path = find_by_name(*files, path, facts.executable.value_or(ElfFile{}));
  }
  // A relative one was looked for where the process was at its start.
  if (path.starts_with('/')) {
    facts.named_file =
        look_at_library(*files, path, {facts.process.status.user, facts.process.status.groups});
  }
  return facts;
}

}  // namespace sockopt
