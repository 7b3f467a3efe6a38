// SPDX-License-Identifier: MIT
#include "tools/inspect/targets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"
#include "tools/inspect/systemd_unit.h"

namespace sockopt {
namespace {

std::string file_of(const ProcessEntry& process, std::string_view name) {
  return proc_path(process) + "/" + std::string(name);
}

std::optional<pid_t> as_pid(std::string_view word) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), pid);
  if (error != std::errc{} || end != word.data() + word.size() || pid < 0) return std::nullopt;
  return pid;
}

std::optional<ino_t> inode_of(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_ino;
}

// How many pid namespaces it is known in, counted from the one that /proc shows.
std::ptrdiff_t pid_namespace_depth(const std::string& status_file) {
  const Result<std::string> status = read_small_file(AT_FDCWD, status_file);
  if (!status) return 0;
  const std::size_t begin = status->find("\nNSpid:");
  if (begin == std::string::npos) return 0;
  const std::size_t end = status->find('\n', begin + 1);
  return std::count(status->begin() + static_cast<std::ptrdiff_t>(begin),
                    status->begin() + static_cast<std::ptrdiff_t>(std::min(end, status->size())),
                    '\t');
}

// The namespaces that a name is looked up in. Those of a process that may not be looked into are
// not known: it then counts as ours, so that it is named as one that could not be seen. Only its
// depth in pid namespaces is no secret.
class OwnNamespaces {
 public:
  bool hold(const ProcessEntry& process) const {
    const auto pid = inode_of(file_of(process, "ns/pid"));
    const auto net = inode_of(file_of(process, "ns/net"));
    if (pid && net) return pid == pid_ && net == net_;
    return pid_namespace_depth(file_of(process, "status")) == depth_;
  }

 private:
  std::optional<ino_t> pid_ = inode_of("/proc/self/ns/pid");
  std::optional<ino_t> net_ = inode_of("/proc/self/ns/net");
  std::ptrdiff_t depth_ = pid_namespace_depth("/proc/self/status");
};

// What a query asks of one process after the other.
class Search {
 public:
  explicit Search(const TargetQuery& query) : query_(query) {
    for (const std::string& unit : query.units) units_.push_back(full_unit_name(unit));
    word_matched_.resize(query.words.size());
    word_elsewhere_.resize(query.words.size());
    unit_matched_.resize(query.units.size());
    any_name_ = std::any_of(query.words.begin(), query.words.end(),
                            [](const std::string& word) { return !as_pid(word); });
  }

  bool matches(const ProcessEntry& process) {
    if (query_.words.empty() && query_.units.empty()) return !process.of_kernel;
    bool matched = matches_unit(process);
    std::vector<std::string> names;
    if (any_name_ && process.pid != ::getpid()) names = names_of(process);
    for (std::size_t i = 0; i < query_.words.size(); ++i) {
      const std::string& word = query_.words[i];
      const std::optional<pid_t> pid = as_pid(word);
      const bool named =
          pid ? *pid == process.pid : std::find(names.begin(), names.end(), word) != names.end();
      if (!named) continue;
      if (!pid && !query_.all_namespaces && !own_.hold(process)) {
        word_elsewhere_[i] = true;
        continue;
      }
      word_matched_[i] = true;
      matched = true;
    }
    return matched;
  }

  // Of the unmatched, those that some process of another namespace is named.
  std::vector<std::string> elsewhere() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < word_matched_.size(); ++i) {
      if (!word_matched_[i] && word_elsewhere_[i]) all.push_back(query_.words[i]);
    }
    return all;
  }

  std::vector<std::string> unmatched() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < word_matched_.size(); ++i) {
      if (!word_matched_[i]) all.push_back(query_.words[i]);
    }
    for (std::size_t i = 0; i < unit_matched_.size(); ++i) {
      if (!unit_matched_[i]) all.push_back(units_[i]);
    }
    return all;
  }

 private:
  bool matches_unit(const ProcessEntry& process) {
    if (units_.empty()) return false;
    const Result<std::string> cgroup = read_small_file(AT_FDCWD, file_of(process, "cgroup"));
    if (!cgroup) return false;
    bool matched = false;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      if (!is_in_unit(*cgroup, units_[i])) continue;
      unit_matched_[i] = true;
      matched = true;
    }
    return matched;
  }

  const TargetQuery& query_;
  OwnNamespaces own_;
  std::vector<std::string> units_;
  std::vector<bool> word_matched_;
  std::vector<bool> word_elsewhere_;
  std::vector<bool> unit_matched_;
  bool any_name_ = false;
};

}  // namespace

std::vector<std::string> names_of(const ProcessEntry& process) {
  std::vector<std::string> names = {process.name};
  if (Result<std::string> executable = read_link(AT_FDCWD, file_of(process, "exe"))) {
    // So the kernel says of one that was replaced since, by an upgrade most likely.
    constexpr std::string_view kDeleted = " (deleted)";
    if (executable->ends_with(kDeleted)) executable->erase(executable->size() - kDeleted.size());
    names.emplace_back(base_name(*executable));
  }
  if (const Result<std::string> arguments =
          read_small_file(AT_FDCWD, file_of(process, "cmdline"))) {
    const std::string_view zeroth(arguments->c_str());
    if (!zeroth.empty()) names.emplace_back(base_name(zeroth));
  }
  return names;
}

Targets find_targets(const TargetQuery& query) {
  Targets targets;
  Search search(query);
  for (ProcessEntry& process : list_processes()) {
    if (!process.ended && search.matches(process)) targets.processes.push_back(std::move(process));
  }
  std::sort(targets.processes.begin(), targets.processes.end(),
            [](const ProcessEntry& a, const ProcessEntry& b) { return a.pid < b.pid; });
  targets.unmatched = search.unmatched();
  targets.elsewhere = search.elsewhere();
  return targets;
}

}  // namespace sockopt
