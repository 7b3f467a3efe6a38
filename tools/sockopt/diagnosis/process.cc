// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/process.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "shim/config/environment.h"
#include "tools/inspect/host.h"
#include "tools/inspect/listener_dump.h"
#include "tools/inspect/listening_endpoints.h"
#include "tools/inspect/network_namespace.h"
#include "tools/inspect/process_program.h"
#include "tools/inspect/process_sockets.h"
#include "tools/inspect/read_small_file.h"
#include "tools/sockopt/diagnosis/bounds.h"
#include "tools/sockopt/diagnosis/counters.h"
#include "tools/sockopt/diagnosis/engine_reach.h"
#include "tools/sockopt/diagnosis/from_outside.h"
#include "tools/sockopt/diagnosis/held.h"
#include "tools/sockopt/diagnosis/reach_facts.h"
#include "tools/sockopt/diagnosis/sockets.h"
#include "tools/sockopt/diagnosis/start_findings.h"
#include "tools/sockopt/diagnosis/unit_preload.h"
#include "tools/sockopt/diagnosis/zmq_findings.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/live/own_policy.h"
#include "tools/sockopt/live/socket_role.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/policy/effective_policy.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

bool is_in_other_namespace(const ForeignProcess& process, const std::string& kind) {
  struct stat own = {};
  const auto inode = process.namespace_inode(kind);
  return inode && ::stat(("/proc/self/ns/" + kind).c_str(), &own) == 0 && *inode != own.st_ino;
}

std::uint64_t network_of(const ForeignProcess& process) {
  const auto inode = process.namespace_inode("net");
  return inode ? *inode : 0;
}

// What is listened on where the processes are: a worker's connections are often of a listener that
// its master holds.
class KnownListeners {
 public:
  const Listeners& around(const ForeignProcess& process, std::uint64_t network) {
    if (searched_.insert(network).second) {
      for (const Endpoint& endpoint : listening_endpoints(process)) {
        listeners_.add(network, endpoint);
      }
    }
    return listeners_;
  }

 private:
  Listeners listeners_;
  std::set<std::uint64_t> searched_;
};

// What was found out for an earlier process, and holds for the next.
struct SharedFacts {
  const ElfMachines library = installed_machines();
  const EngineReach engine;
  KnownListeners listeners;
};

class ProcessExamination {
 public:
  ProcessExamination(const ForeignProcess& process, const EffectivePolicy& effective,
                     const PolicySources& sources, std::vector<UnreadableProcess>& all_unreadable)
      : process_(process), effective_(effective), sources_(sources), unreadable_(all_unreadable) {
    examined_.kind = "process";
    examined_.name = fmt::format("{}({})", process.entry().name, process.pid());
  }

  Examined run(SharedFacts& around) {
    examine(around);
    examined_.found.insert(examined_.found.begin(), reach_.begin(), reach_.end());
    return std::move(examined_);
  }

 private:
  void examine(SharedFacts& around) {
    const Result<std::optional<HeldPolicy>> held = read_held_policy(process_);
    if (!held) return unreadable(held.failure());
    const HeldPolicy* library_in_it = *held ? &**held : nullptr;
    Result<ReachFacts> facts = read_reach_facts(process_, library_in_it, around.library);
    if (!facts) return unreadable(facts.failure());
    find_apply(*facts);
    const Container container = facts->container = container_of(facts->process.cgroup);
    reach_ = examine_reach(*facts);
    if (facts->process.executable.empty()) return;
    add(examine_surroundings(facts->process, container));
    ExaminedEngine engine = examine_engine(around.engine, facts->process);
    if (!engine.reach.empty()) {
      soften_reach(engine.reach + " sets options on its new sockets from outside", Level::kNote);
    }
    if (!engine.found.empty()) {
      add(std::move(engine.found));
    } else if (count(reach_, Level::kError) != 0) {
      if (auto offer = offer_attach(*facts, around.engine.known())) add({*std::move(offer)});
    }
    const auto program = read_program(process_);
    if (!program) return unreadable(program.failure());
    if (library_in_it != nullptr) {
      const HeldFacts held_facts = facts_of(*library_in_it);
      hooks_disabled_ = held_facts.hooks_disabled;
      examined_.library = held_facts;
      add(examine_held(held_facts, read_files_now(process_, facts->process, held_facts), *facts));
    }
    // What a process holds is what its sockets should have, unless another file was named.
    const bool own =
        library_in_it != nullptr && library_in_it->policy != nullptr && !sources_.given();
    const Policy* held_policy = library_in_it == nullptr ? nullptr : library_in_it->policy.get();
    const Policy& policy = own ? *held_policy : effective_.policy();
    add(examine_zmq_of_process(process_, effective_.zmq(), (*program)->program, *facts));
    if (!concerns_zmq_of(effective_.zmq(), (*program)->program)) {
      add(examine_rules_for(policy, (*program)->program));
    }
    const bool is_at_work = held_policy != nullptr && !hooks_disabled_ && !is_go(*facts);
    const OptionSet refused = library_in_it == nullptr ? OptionSet() : library_in_it->refused;
    examine_policy(policy, {own ? nullptr : held_policy, own, is_at_work, refused}, *facts,
                   (*program)->program, container, around.listeners);
  }

  // By itself `apply` takes what the library holds, or would hold. Of a file that is named for a
  // library that nothing loads, it knows nothing; and where the process sees other files than we
  // do, it is named as we see it. Where there is nothing to set, or a mistake, it would be in vain.
  void find_apply(ReachFacts& facts) const {
    const StartEnvironment& environment = facts.process.environment;
    const bool asks_for_library = !words_for_library(environment.get("LD_PRELOAD")).empty();
    const PolicySources sources = asks_for_library ? sources_ : sources_or_own(environment);
    const bool names_another = sources.given() && !sources_.given();
    const auto other = names_another ? std::make_unique<EffectivePolicy>(sources)
                                     : std::unique_ptr<EffectivePolicy>();
    const EffectivePolicy& outside = other ? *other : effective_;
    const Findings* faults = &outside.faults();
    const Policy* policy = &outside.policy();
    OwnPolicy own;
    if (!sources.given()) {
      if (auto held = read_held_policy(process_)) own = own_policy(process_, std::move(*held));
      if (own.policy != nullptr) {
        faults = &own.faults;
        policy = own.policy.get();
      }
    }
    if (faults->empty() && !policy->empty()) {
      facts.apply = apply_command(sources, std::to_string(process_.pid()));
    }
    if (!outside.faults().empty()) facts.check = check_command(outside.named_file());
    // What the process names itself, its unit gives it.
    facts.enable = command_text(enable_words(sources_));
  }

  // What was given, else the file that the process names, as we see it.
  PolicySources sources_or_own(const StartEnvironment& environment) const {
    PolicySources sources = sources_;
    if (sources.given()) return sources;
    const std::string file(environment.get("SOCKOPT_CONFIG"));
    const Result<FileTree> tree = files_of(process_);
    if (!file.empty() && tree && tree->status(file)) sources.configuration = tree->outside(file);
    return sources;
  }

  std::optional<Finding> offer_attach(const ReachFacts& facts, bool is_known) const {
    if (is_known && is_attached_at_start(facts.unit)) {
      return Finding::warning(
          "bpf",
          fmt::format("nothing is attached to its cgroup, as it should be at each start of {0}: it "
                      "started before that, or the attachment failed (journalctl -u {0})",
                      facts.unit),
          restart(facts));
    }
    const PolicySources sources = sources_or_own(facts.process.environment);
    const EffectivePolicy effective(sources);
    const auto target = attach_target(facts.process.cgroup, facts.unit);
    return offer_engine(
        is_known
            ? "nothing is attached to its cgroup; the bpf engine would reach its new sockets"
            : "the bpf engine would reach its new sockets; whether it is attached to its cgroup, "
              "only root sees",
        attach_command(effective, sources, target), effective.policy().has_programs());
  }

  void add(Findings found) { append(examined_.found, std::move(found)); }
  void unreadable(const Failure& failure) {
    note_unreadable(unreadable_, process_.entry(), failure);
  }

  static bool is_go(const ReachFacts& facts) { return facts.executable && facts.executable->is_go; }

  // The library in the process, beside the policy that its sockets are held to.
  struct Beside {
    const Policy* held = nullptr;  // where that is another one
    bool is_own = false;           // the policy is what it holds
    bool is_at_work = false;
    OptionSet refused{};  // by the kernel, of what it holds
  };

  void examine_policy(const Policy& policy, const Beside& beside, const ReachFacts& facts,
                      const Program& program, Container container, KnownListeners& listeners) {
    NetworkPlace place{.own_network = is_in_other_namespace(process_, "net"),
                       .pid = process_.pid(),
                       .container = container};
    // From within a container its name does not show in the cgroups.
    if (!place.own_network && container == Container::kNone) place.container = own_container();
    Host host;
    std::uint64_t net_cookie = 0;
    std::optional<std::uint64_t> drops;
    const auto look_around = [&] {
      host = read_host();
      net_cookie = own_net_cookie();
      drops = dump_drops();
    };
    if (const auto failure = in_network_namespace(process_, look_around)) unreadable(*failure);
    const std::vector<Wanted> wanted = wanted_settings(policy, &program);
    add(examine_bounds(wanted, host, place, facts.process.status.capabilities));
    // Those of our own are the host's.
    if (place.own_network) add(examine_counters(read_counters(), wanted, place, drops));

    const auto plan = std::make_unique<Plan>();
    plan->make(policy, program);
    const auto held_plan = std::make_unique<Plan>();
    std::optional<Checker> held_checker;
    if (beside.held != nullptr) {
      held_plan->make(*beside.held, program);
      held_checker.emplace(*beside.held, *held_plan);
    }
    SocketSurvey survey(policy, *plan, program, {.somaxconn = host.somaxconn},
                        held_checker ? &*held_checker : nullptr);
    survey.accept_refusals(beside.refused);
    const auto now = beside.is_own ? changed_policy(process_, policy) : std::nullopt;
    const auto now_plan = std::make_unique<Plan>();
    std::optional<Checker> now_checker;
    if (now) {
      now_plan->make(*now->policy, program);
      survey.accept_as_well(now_checker.emplace(*now->policy, *now_plan));
    }
    const std::uint64_t network = network_of(process_);
    const Listeners& around = listeners.around(process_, network);
    const auto failure = visit_sockets(process_, [&](const ForeignSocket& socket) {
      survey.take(socket, around.find(network, socket.facts().local));
    });
    if (failure) unreadable(*failure);
    survey.count_drops(read_counters(), net_cookie);
    add(examine_sockets(survey, {.apply = facts.apply, .loaded = beside.is_at_work}));
    if (survey.differing().empty() && survey.checked() != 0) {
      // Its sockets were changed from outside.
      soften_reach("its sockets have the configured options until it restarts", Level::kWarning);
    }
  }

  // Of its network namespace.
  Counters read_counters() const {
    const auto netstat = read_small_file(process_.directory(), "net/netstat");
    return netstat ? parse_counters(*netstat) : Counters();
  }

  // A process that the library does not reach may be well all the same.
  void soften_reach(std::string_view why, Level level) {
    for (Finding& finding : reach_) {
      if (finding.level != Level::kError) continue;
      finding.level = level;
      finding.what += fmt::format("; {}", why);
      if (level == Level::kNote) finding.fix.clear();  // for the library would take its place
    }
  }

  const ForeignProcess& process_;
  const EffectivePolicy& effective_;
  const PolicySources& sources_;
  Examined examined_;
  Findings reach_;  // shown first, and milder once its sockets are known to be well
  bool hooks_disabled_ = false;
  std::vector<UnreadableProcess>& unreadable_;
};

bool same_findings(const Findings& a, const Findings& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const Finding& one, const Finding& other) {
        return one.level == other.level && one.topic == other.topic && one.what == other.what;
      });
}

}  // namespace

Findings examine_surroundings(const ProcessFacts& facts, Container container) {
  Findings found;
  if (container != Container::kNone) {
    found.push_back(
        Finding::note("container", fmt::format("it runs in {}: the library and its configuration "
                                               "must be inside, and its sysctls are its own",
                                               container_words(container))));
  }
  if (facts.status.filtered) {
    found.push_back(
        Finding::note("sandbox", "a seccomp filter restricts it, and the library with it"));
  }
  return found;
}

ExaminedProcesses examine_processes(const std::vector<ProcessEntry>& processes,
                                    const EffectivePolicy& effective,
                                    const PolicySources& sources) {
  ExaminedProcesses all;
  SharedFacts around;
  for (const ProcessEntry& entry : processes) {
    const std::string name = fmt::format("{}({})", entry.name, entry.pid);
    const auto process = ForeignProcess::open(entry.pid, entry.start_time);
    if (!process) {
      note_unreadable(all.unreadable, entry, process.failure());
      continue;
    }
    ProcessExamination examination(*process, effective, sources, all.unreadable);
    Examined examined = examination.run(around);
    if (examined.found.empty()) continue;
    const auto same = std::find_if(
        all.examined.begin(), all.examined.end(),
        [&](const Examined& other) { return same_findings(other.found, examined.found); });
    if (same == all.examined.end()) {
      all.examined.push_back(std::move(examined));
    } else {
      same->name += fmt::format(", {}", name);
    }
  }
  return all;
}

}  // namespace sockopt
