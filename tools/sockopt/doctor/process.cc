// SPDX-License-Identifier: MIT
//
// See process.h.
#include "tools/sockopt/doctor/process.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "shim/config/environment.h"
#include "tools/inspect/network_namespace.h"
#include "tools/inspect/process_program.h"
#include "tools/inspect/process_sockets.h"
#include "tools/sockopt/doctor/bounds.h"
#include "tools/sockopt/doctor/reach_facts.h"
#include "tools/sockopt/host.h"

namespace sockopt {
namespace {

// A permission failure in the words of whoever has to lift it.
std::string reason_of(const Failure& failure) {
  if (failure.obstacle != Obstacle::kDenied) return failure.text();
  return fmt::format("{} (needs CAP_SYS_PTRACE: try sudo)", failure.text());
}

bool is_in_other_namespace(const ForeignProcess& process, const std::string& kind) {
  struct stat own = {};
  const auto inode = process.namespace_inode(kind);
  return inode && ::stat(("/proc/self/ns/" + kind).c_str(), &own) == 0 && *inode != own.st_ino;
}

class ProcessExamination {
 public:
  ProcessExamination(const ForeignProcess& process, const EffectivePolicy& effective)
      : process_(process), effective_(effective) {
    examined_.kind = "process";
    examined_.name = fmt::format("{}({})", process.entry().name, process.pid());
  }

  void run(const ElfMachine& library) {
    const Result<ReachFacts> facts = read_reach_facts(process_, library);
    if (!facts) return unseen(facts.failure());
    add(examine_reach(*facts));
    if (facts->process.executable.empty()) return;
    const Container container = container_of(facts->process.cgroup);
    add(examine_surroundings(facts->process, container));
    examine_network(*facts, container);
  }

  Examined& examined() { return examined_; }
  const std::vector<std::string>& reasons() const { return reasons_; }

 private:
  void add(Diagnoses found) { append(examined_.found, std::move(found)); }
  // Who ended meanwhile has nothing left to be seen.
  void unseen(const Failure& failure) {
    if (failure.obstacle != Obstacle::kGone) reasons_.push_back(reason_of(failure));
  }

  void examine_network(const ReachFacts& facts, Container container) {
    const auto program = read_program(process_);
    if (!program) return unseen(program.failure());
    const std::vector<Wanted> wanted = wanted_settings(effective_.policy(), &(*program)->program);
    NetworkPlace place{.own_network = false, .pid = process_.pid(), .container = container};
    place.own_network = is_in_other_namespace(process_, "net");
    Host host;
    if (const auto failure = in_network_namespace(process_, [&] { host = read_host(); })) {
      return unseen(*failure);
    }
    add(examine_bounds(wanted, host, place, facts.process.status.capabilities));
  }

  const ForeignProcess& process_;
  const EffectivePolicy& effective_;
  Examined examined_;
  std::vector<std::string> reasons_;
};

bool same_findings(const Diagnoses& a, const Diagnoses& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const Diagnosis& one, const Diagnosis& other) {
        return one.level == other.level && one.topic == other.topic && one.what == other.what;
      });
}

}  // namespace

Diagnoses examine_surroundings(const ProcessFacts& facts, Container container) {
  Diagnoses found;
  if (container != Container::kNone) {
    found.push_back(Diagnosis::note(
        "container",
        fmt::format("it is in {}: the library and the file must be in there, and its sysctls are "
                    "its own",
                    container_words(container))));
  }
  if (facts.status.filtered) {
    found.push_back(Diagnosis::note(
        "sandbox",
        "a seccomp filter is on it; what is set at socket and listen was set as the program's own "
        "call, `priority` and what is set at accept must pass the filter"));
  }
  return found;
}

ExaminedProcesses examine_processes(const std::vector<ProcessEntry>& processes,
                                    const EffectivePolicy& effective) {
  ExaminedProcesses all;
  const ElfMachine library = installed_machine();
  for (const ProcessEntry& entry : processes) {
    const std::string name = fmt::format("{}({})", entry.name, entry.pid);
    const auto process = ForeignProcess::open(entry.pid, entry.start_time);
    if (!process) {
      if (process.failure().obstacle != Obstacle::kGone) {
        all.unseen.push_back({name, reason_of(process.failure())});
      }
      continue;
    }
    ProcessExamination examination(*process, effective);
    examination.run(library);
    for (const std::string& reason : examination.reasons()) all.unseen.push_back({name, reason});
    if (examination.examined().found.empty()) continue;
    const auto same =
        std::find_if(all.examined.begin(), all.examined.end(), [&](const Examined& other) {
          return same_findings(other.found, examination.examined().found);
        });
    if (same == all.examined.end()) {
      all.examined.push_back(std::move(examination.examined()));
    } else {
      same->name += fmt::format(", {}", name);
    }
  }
  return all;
}

}  // namespace sockopt
