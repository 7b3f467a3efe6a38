// SPDX-License-Identifier: MIT
#include "tools/inspect/process_tree.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <system_error>

#include "tools/inspect/read_small_file.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

std::string_view next_field(std::string_view& rest) {
  const auto begin = std::min(rest.find_first_not_of(' '), rest.size());
  rest.remove_prefix(begin);
  const auto end = std::min(rest.find_first_of(" \n"), rest.size());
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(end);
  return field;
}

}  // namespace

std::optional<ProcessEntry> parse_process_stat(std::string_view line) {
  // Only the last parenthesis is the kernel's.
  const auto open = line.find('(');
  const auto close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  std::string_view head = line.substr(0, open);
  std::string_view rest = line.substr(close + 1);
  const auto pid = number<pid_t>(next_field(head));
  // The fields of proc(5), from the third on.
  constexpr int kState = 3, kParent = 4, kFlags = 9, kThreads = 20, kStartTime = 22;
  std::string_view fields[kStartTime + 1];
  for (int field = kState; field <= kStartTime; ++field) fields[field] = next_field(rest);
  const auto parent = number<pid_t>(fields[kParent]);
  const auto flags = number<std::uint32_t>(fields[kFlags]);
  const auto threads = number<std::uint32_t>(fields[kThreads]);
  const auto start_time = number<std::uint64_t>(fields[kStartTime]);
  if (!pid || !parent || !flags || !threads || !start_time) return std::nullopt;
  constexpr std::uint32_t kExiting = 0x4;            // PF_EXITING of the kernel's sched.h
  constexpr std::uint32_t kKernelThread = 0x200000;  // PF_KTHREAD
  const bool ended = fields[kState] == "Z" || fields[kState] == "X" || (*flags & kExiting) != 0;
  return ProcessEntry{.pid = *pid,
                      .parent = *parent,
                      .start_time = *start_time,
                      .ended = ended,
                      .threads = *threads,
                      .of_kernel = (*flags & kKernelThread) != 0,
                      .name = std::string(line.substr(open + 1, close - open - 1))};
}

std::string proc_path(const ProcessEntry& process) {
  std::string path = "/proc/" + std::to_string(process.pid);
  if (process.live_task != 0) path += "/task/" + std::to_string(process.live_task);
  return path;
}

pid_t find_live_task(int directory) {
  UniqueFd opened(openat(directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return 0;
  const std::unique_ptr<DIR, int (*)(DIR*)> tasks(fdopendir(opened.get()), closedir);
  if (!tasks) return 0;
  const int list = opened.release();
  while (const dirent* entry = readdir(tasks.get())) {
    const std::optional<pid_t> task = number<pid_t>(entry->d_name);
    if (!task) continue;
    const auto stat = read_small_file(list, std::string(entry->d_name) + "/stat");
    const auto parsed = stat ? parse_process_stat(*stat) : std::nullopt;
    if (parsed && !parsed->ended) return *task;
  }
  return 0;
}

std::vector<ProcessEntry> list_processes() {
  std::vector<ProcessEntry> processes;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  if (!proc) return processes;
  while (const dirent* entry = readdir(proc.get())) {
    const std::string_view name = entry->d_name;
    if (!number<pid_t>(name)) continue;
    const auto stat = read_small_file(dirfd(proc.get()), std::string(name) + "/stat");
    if (!stat) continue;  // ended meanwhile
    auto process = parse_process_stat(*stat);
    if (!process) continue;
    if (process->ended && process->threads > 1) {
      const UniqueFd directory(
          openat(dirfd(proc.get()), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC));
      process->live_task = directory ? find_live_task(directory.get()) : 0;
      process->ended = process->live_task == 0;
    }
    processes.push_back(*std::move(process));
  }
  return processes;
}

std::vector<ProcessEntry> descendants(pid_t pid) {
  std::vector<ProcessEntry> candidates = list_processes();
  std::vector<ProcessEntry> found;
  std::vector<pid_t> parents{pid};
  for (std::size_t next = 0; next < parents.size(); ++next) {
    for (ProcessEntry& candidate : candidates) {
      if (candidate.parent != parents[next] || candidate.pid == pid) continue;
      parents.push_back(candidate.pid);
      candidate.parent = 0;  // taken: a list read while processes come and go may hold a circle
      found.push_back(candidate);
      found.back().parent = parents[next];
    }
  }
  return found;
}

}  // namespace sockopt
