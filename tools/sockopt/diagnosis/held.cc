// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/held.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "shim/config/environment.h"
#include "shim/config/load.h"
#include "shim/config/reader.h"
#include "shim/zmq/load.h"
#include "tools/sockopt/diagnosis/reach_facts.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/policy/fault_sink.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

const ReadFile* find(const std::vector<ReadFile>& files, const std::string& path) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const ReadFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

// `a.ini changed, b.ini is gone, c.ini is new`.
std::string changes(const std::vector<ReadFile>& held, const std::vector<ReadFile>& now) {
  std::string text;
  const auto add = [&](const std::string& path, std::string_view what) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", path, what);
  };
  for (const ReadFile& file : held) {
    const ReadFile* current = find(now, file.path);
    if (current == nullptr) add(file.path, "is gone");
    if (current != nullptr && current->hash != file.hash) add(file.path, "was changed");
  }
  for (const ReadFile& file : now) {
    if (find(held, file.path) == nullptr) add(file.path, "is new");
  }
  return text;
}

std::string names_of(const std::vector<ReadFile>& files) {
  std::string text;
  for (const ReadFile& file : files) text += (text.empty() ? "" : ", ") + file.path;
  return text.empty() ? "variables" : text;
}

// `3 settings, 1 rule of a.ini, b.ini (1 of variables)`.
std::string held_text(const HeldFacts& held) {
  std::string text = counted(held.settings, "setting");
  if (held.rules != 0) text += ", " + counted(held.rules, "rule");
  text += fmt::format(" of {}", names_of(held.files));
  if (held.variables != 0 && !held.files.empty()) {
    text += fmt::format(" ({} of variables)", held.variables);
  }
  return text;
}

std::string until_then(const ReachFacts& reach) { return meanwhile(restart(reach), reach.apply); }

// Files that the process would read, and its user may not: who asks may be root. What it has read
// it could, as whichever user it was then.
void find_closed(const FileTree& tree, const ProcessStatus& status,
                 const std::vector<ReadFile>& held, FilesNow& now) {
  std::vector<std::string> paths = {now.named};
  if (now.named.empty()) {
    paths = {SOCKOPT_DEFAULT_CONFIG};
    for (const std::string& name : tree.list(SOCKOPT_DEFAULT_DIRECTORY)) {
      if (name.ends_with(".ini") && !name.starts_with('.')) {
        paths.push_back(fmt::format("{}/{}", SOCKOPT_DEFAULT_DIRECTORY, name));
      }
    }
  }
  for (const std::string& path : paths) {
    if (!path.starts_with('/') || find(held, path) != nullptr) continue;
    const LibraryFile file = look_at_library(tree, path, {status.user, status.groups});
    if (file.closed_at.empty()) continue;
    const bool itself = file.closed_at == path;
    now.closed_files.push_back(path);
    now.closed.push_back(Finding::error(
        "policy",
        fmt::format("its user (uid {}) may not {} {}, so {}", status.user,
                    itself ? "read" : "enter", file.closed_at,
                    itself ? "the library does not read it"
                           : fmt::format("the library does not read {}", path)),
        command_text({"chmod", itself ? "o+r" : "o+x", tree.outside(file.closed_at)})));
  }
}

// The command or the line that mends what is wrong.
void complete_fault(const FileTree& tree, const FilesNow& now, Finding& fault) {
  fault.topic = "policy";
  if (fault.place.file == kEnvironmentSource) {
    fault.fix = "correct it in its environment, and start it again";
  } else if (!fault.place.file.empty() && !tree.status(fault.place.file)) {
    fault.fix = fmt::format("write {}, or correct SOCKOPT_CONFIG", fault.place.file);
  } else {
    fault.fix = check_command(now.named);
  }
}

Findings examine_idle(const FilesNow& now, const ReachFacts& reach) {
  if (now.disabled) {
    return {Finding::error(
        "policy", "SOCKOPT_DISABLE disabled the library when it started",
        fmt::format("remove SOCKOPT_DISABLE from its environment; then: {}", restart(reach)))};
  }
  if (now.asks_for_options) {
    return {Finding::error("policy",
                           fmt::format("it started before it had a configuration; now there is {}",
                                       names_of(now.files)),
                           until_then(reach))};
  }
  Findings why = now.closed;
  if (why.empty()) why = now.faults;
  if (!why.empty()) return why;
  if (now.asks_for_zmq) {
    return {Finding::note(
        "policy", "what is configured is for ZeroMQ's sockets, so libsockopt.so does nothing")};
  }
  return {Finding::note("policy", "no option is configured, so the library does nothing",
                        "add settings to " SOCKOPT_DEFAULT_CONFIG)};
}

}  // namespace

FilesNow read_files_now(const ForeignProcess& process, const ProcessFacts& facts,
                        const HeldFacts& held_facts) {
  const std::vector<ReadFile>& held = held_facts.files;
  FilesNow now;
  std::vector<const char*> environment;
  for (const std::string& entry : facts.environment.entries) environment.push_back(entry.c_str());
  environment.push_back(nullptr);
  now.disabled = !facts.secure && is_disabled(environment.data(), {});
  const Result<FileTree> tree = files_of(process);
  if (!tree) return now;
  const bool heeds =
      !facts.secure && names_library(facts.environment.get("LD_PRELOAD"), held_facts.library);
  if (heeds) now.named = facts.environment.get("SOCKOPT_CONFIG");
  find_closed(*tree, facts.status, held, now);
  if (!tree->is_host() || (!facts.environment.intact && !held.empty())) {
    // Of another root, or once a title is written over the variables, it is only known what it
    // read, not what else it would.
    for (const ReadFile& file : held) {
      if (const auto text = tree->read(file.path)) {
        now.files.push_back({file.path, content_hash(*text)});
      }
    }
    return now;
  }
  const auto policy = std::make_unique<Policy>();
  const auto zmq_policy = std::make_unique<zmq::Policy>();
  const Surroundings surroundings = {heeds ? environment.data() : nullptr, SOCKOPT_DEFAULT_CONFIG,
                                     SOCKOPT_DEFAULT_DIRECTORY, facts.status.user};
  LoadBuffers buffers;
  load_policy(surroundings, buffers, *policy, fault_sink(now.faults));
  zmq::load_policy(surroundings, buffers, *zmq_policy, {}, zmq::SharedFaults::kLeftToOthers);
  now.asks_for_zmq = zmq_settings_in_force(*zmq_policy) != 0;
  for (Finding& fault : now.faults) complete_fault(*tree, now, fault);
  now.files = files_in(*policy);
  std::erase_if(now.files, [&](const ReadFile& file) {
    const auto& closed = now.closed_files;
    return std::find(closed.begin(), closed.end(), file.path) != closed.end();
  });
  now.asks_for_options = !policy->empty();
  return now;
}

Findings examine_held(const HeldFacts& held, const FilesNow& now, const ReachFacts& reach) {
  if (held.idle) return examine_idle(now, reach);
  Findings found;
  if (held.version != SOCKOPT_VERSION) {
    found.push_back(Finding::note(
        "version",
        fmt::format("its library has version {}, this command {}", held.version, SOCKOPT_VERSION)));
  }
  if (held.hooks_disabled) {
    found.push_back(Finding::warning(
        "sandbox",
        held.met_socket
            ? "the library is disabled by the program's seccomp filter: connections of the sockets "
              "that listened before it still get their options, sockets opened later get none"
            : "the library is disabled by the program's seccomp filter, which was there before any "
              "TCP socket: none gets its options",
        after_each_start(reach.apply)));
  }
  if (!held.readable) {
    found.push_back(Finding::warning(
        "policy", "its policy cannot be read: its library and this command are different builds",
        restart(reach)));
    return found;
  }
  append(found, now.closed);
  const std::string changed = changes(held.files, now.files);
  if (!now.faults.empty()) {
    append(found, now.faults);
  } else if (held.faults != 0 && now.closed.empty()) {
    found.push_back(
        Finding::error("policy",
                       fmt::format("{} in its configuration at start-up; those lines are ignored",
                                   counted(held.faults, "error")),
                       changed.empty() ? check_command(now.named) : until_then(reach)));
  }
  if (!held.refused.empty()) {
    found.push_back(Finding::error("policy",
                                   fmt::format("the kernel refused: {}", joined(held.refused)),
                                   held.refused.front().starts_with("raw.")
                                       ? std::string()
                                       : fmt::format("sockopt options {}", held.refused.front())));
  }
  if (!changed.empty()) {
    found.push_back(Finding::warning(
        "policy",
        fmt::format("its policy is out of date: it has {}; since then {}", held_text(held),
                    changed),
        now.faults.empty() ? until_then(reach) : "correct that; then: " + restart(reach)));
  } else {
    found.push_back(
        Finding::ok("policy", fmt::format("its policy is up to date: {}", held_text(held))));
  }
  return found;
}

}  // namespace sockopt
