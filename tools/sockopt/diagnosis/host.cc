// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/host.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <sstream>

#include "tools/inspect/access.h"
#include "tools/inspect/foreign_process.h"
#include "tools/inspect/host.h"
#include "tools/inspect/listener_dump.h"
#include "tools/inspect/process_facts.h"
#include "tools/inspect/process_tree.h"
#include "tools/inspect/read_small_file.h"
#include "tools/sockopt/diagnosis/bounds.h"
#include "tools/sockopt/diagnosis/counters.h"
#include "tools/sockopt/diagnosis/reach_facts.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/diagnosis/zmq_findings.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

// One without rights of its own.
const LibraryUser kAnyUser = {65534, {65534}};

std::string read_or_empty(const std::string& path) {
  const Result<std::string> text = read_small_file(AT_FDCWD, path);
  return text ? *text : std::string();
}

Findings look_at_installed_library() {
  try {
    return examine_library(look_at_library(FileTree::host(), find_library(), kAnyUser), {});
  } catch (const std::exception& missing) {
    return examine_library(std::nullopt, missing.what());
  }
}

bool may_trace_all() {
  const auto status = parse_status(read_or_empty("/proc/self/status"));
  return status && status->can(CAP_SYS_PTRACE);
}

// A capability is not all that decides: a security module or a sandbox may forbid the rest. That
// there is no descriptor of that number is said only to who may look.
std::vector<std::string> closed_to_us() {
  constexpr int kNoDescriptor = -1;
  std::vector<std::string> closed;
  for (const ProcessEntry& entry : list_processes()) {
    if (entry.ended || entry.of_kernel) continue;
    const auto process = ForeignProcess::open(entry.pid, entry.start_time);
    if (!process) continue;
    const auto answer = process->duplicate(kNoDescriptor);
    if (!answer && answer.failure().obstacle == Obstacle::kDenied && process->running()) {
      closed.push_back(fmt::format("{}({})", printable(entry.name), entry.pid));
    }
  }
  return closed;
}

}  // namespace

Findings examine_library(const std::optional<LibraryFile>& file, const std::string& fault) {
  if (!file) {
    return {Finding::error("library", fault, "install it, and then run ldconfig")};
  }
  Findings found;
  if (const std::string why = why_not_taken(*file, file->machine.value_or(ElfMachine{}));
      file->closed_at.empty() && !why.empty()) {
    found.push_back(Finding::error("library", fmt::format("{} {}", file->path, why),
                                   "install it into /usr/lib"));
  } else if (!file->closed_at.empty()) {
    found.push_back(Finding::warning(
        "library",
        fmt::format("{} is not accessible to daemons that do not start as root: they may not {} "
                    "{}",
                    file->path, file->closed_at == file->path ? "read" : "enter", file->closed_at),
        file->closed_at == file->path ? command_text({"chmod", "a+r", file->path})
                                      : "install it into /usr/lib"));
  }
  if (!file->open_at.empty()) {
    found.push_back(Finding::warning(
        "library",
        fmt::format("whoever can change it runs code in every program that loads it: {}",
                    file->open_at),
        "install it into /usr/lib"));
  }
  if (found.empty()) found.push_back(Finding::ok("library", file->path));
  return found;
}

Findings examine_configuration(const Policy& policy, const Findings& faults,
                               const std::string& named_file, std::size_t settings_of_zmq) {
  Findings found;
  for (Finding fault : faults) {
    const bool missing = !named_file.empty() && ::access(named_file.c_str(), F_OK) != 0;
    fault.fix = missing ? fmt::format("write {}, or correct SOCKOPT_CONFIG", named_file)
                        : check_command(named_file);
    found.push_back(std::move(fault));
  }
  if (policy.empty() && settings_of_zmq == 0) {
    if (faults.empty()) {
      found.push_back(Finding::note("config", "no option is configured, so none is set",
                                    "add settings to " SOCKOPT_DEFAULT_CONFIG));
    }
    return found;
  }
  std::string files;
  for (std::size_t i = 0; i < policy.file_count(); ++i) {
    files += fmt::format("{}{}", files.empty() ? "" : ", ", policy.path(i));
  }
  const std::size_t settings = settings_in_force(policy) + settings_of_zmq;
  if (settings == 0 && !faults.empty()) return found;
  const std::string counts = fmt::format("{} from {}", counted(settings, "setting"),
                                         files.empty() ? "SOCKOPT_ variables" : files);
  found.push_back(faults.empty() ? Finding::ok("config", counts)
                                 : Finding::note("config", "in force all the same: " + counts));
  return found;
}

Findings examine_preload_file(std::string_view content) {
  std::istringstream lines{std::string(content)};
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = words_for_library(line.substr(0, line.find('#')));
    if (words.empty()) continue;
    const std::string& word = words.front();
    if (word.starts_with('/')) {
      const LibraryFile file = look_at_library(FileTree::host(), word, kAnyUser);
      if (const std::string why = why_not_taken(file, installed_machine()); !why.empty()) {
        return {Finding::warning("preload",
                                 fmt::format("/etc/ld.so.preload names {}, which {}", word, why),
                                 "correct the path there, or remove it")};
      }
    }
    return {Finding::note(
        "preload", fmt::format("/etc/ld.so.preload names {}: it is loaded into every program, "
                               "where only the configuration file counts and no SOCKOPT_ variable",
                               word))};
  }
  return {};
}

Findings examine_sight(std::optional<int> scope, bool may_trace_all,
                       const std::vector<std::string>& closed) {
  constexpr int kNobodyAtAll = 3;
  if (scope.value_or(0) >= kNobodyAtAll) {
    return {Finding::warning("sight",
                             "kernel.yama.ptrace_scope 3 forbids everybody to inspect other "
                             "processes until the next boot",
                             "kernel.yama.ptrace_scope = 2 in /etc/sysctl.d")};
  }
  if (may_trace_all && !closed.empty()) {
    return {Finding::note(
        "sight",
        fmt::format("this command may inspect every process except {}{}: a security module or a "
                    "sandbox forbids it",
                    closed.front(),
                    closed.size() == 1 ? "" : fmt::format(" and {} more", closed.size() - 1)))};
  }
  if (may_trace_all) return {Finding::ok("sight", "this command may inspect every process")};
  const bool descendants_only = scope.value_or(0) == 1;
  const bool root_only = scope.value_or(0) == 2;
  return {Finding::note(
      "sight",
      root_only ? "kernel.yama.ptrace_scope 2: this command may inspect no other process"
      : descendants_only
          ? "kernel.yama.ptrace_scope 1: this command may inspect only its own descendants"
          : "this command may inspect only processes of its own user",
      "sudo sockopt doctor")};
}

Examined examine_host(const EffectivePolicy& effective) {
  Examined examined{.kind = "host", .name = "host", .found = {}};
  Findings& found = examined.found;
  append(found, look_at_installed_library());
  append(found,
         examine_configuration(effective.policy(), effective.faults(), effective.named_file(),
                               zmq_settings_in_force(effective.zmq())));
  append(found, examine_zmq_of_host(effective.zmq()));
  append(found, examine_preload_file(read_or_empty("/etc/ld.so.preload")));

  const std::vector<Wanted> wanted = wanted_settings(effective.policy(), nullptr);
  const NetworkPlace place = own_network_place();
  if (place.container != Container::kNone) {
    found.push_back(
        Finding::note("container", fmt::format("this is {}", container_words(place.container))));
  }
  utsname system = {};
  ::uname(&system);
  append(found, examine_kernel(wanted, system.release, probe_option));
  append(found, examine_bounds(wanted, read_host(), place, std::nullopt));
  append(found, examine_counters(parse_counters(read_or_empty("/proc/self/net/netstat")), wanted,
                                 place, dump_drops()));
  const bool all = may_trace_all();
  append(found,
         examine_sight(ptrace_scope(), all, all ? closed_to_us() : std::vector<std::string>()));
  return examined;
}

}  // namespace sockopt
