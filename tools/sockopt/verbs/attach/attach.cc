// SPDX-License-Identifier: MIT
//
// `sockopt attach`: the policy onto the sockets of every process of a cgroup, set by programs in
// the kernel: nothing is loaded into a process, and nothing is restarted.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <set>
#include <utility>

#include "tools/inspect/process_tree.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/live/live_apply.h"
#include "tools/sockopt/live/undo_history.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/attach/attach_report.h"
#include "tools/sockopt/verbs/attach/attach_target.h"
#include "tools/sockopt/verbs/attach/attachment_list.h"
#include "tools/sockopt/verbs/engine_policy.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

struct Given {
  PolicySources sources;
  AttachTarget target;
  bool established = false;
  bool dry_run = false;
  bool list = false;
  bool json = false;
};

int list(const Given& given) {
  const auto listed = list_attachments();
  if (const auto* fault = std::get_if<Finding>(&listed)) {
    complain("attach", fault->sentence());
    return kFault;
  }
  const auto& all = std::get<std::vector<Attachment>>(listed);
  Output out;
  given.json ? print_attachments_json(out, all) : print_attachments(out, all);
  return out.finish(kDone);
}

void warn_of_neighbours(const Attached& attached) {
  if (!attached.above.empty()) {
    warn("attach", fmt::format("also attached above, to {}: here only the new policy counts",
                               printable(joined(attached.above))));
  }
  if (!attached.below.empty()) {
    warn("attach", fmt::format("also attached below, to {}: this policy does not count there",
                               printable(joined(attached.below))));
  }
}

// False where it was not attached.
bool attach_to(const std::string& cgroup, const Given& given, const Policy& policy,
               AttachReport& report) {
  auto done = attach_policy({cgroup, report.detach, policy, given.dry_run});
  if (const auto* fault = std::get_if<Finding>(&done)) {
    complain("attach", fault->sentence());
    return false;
  }
  AttachedCgroup one = {cgroup, std::get<Attached>(std::move(done)), {}};
  warn_of_neighbours(one.attached);
  one.processes = processes_in(cgroup, one.attached.below);
  report.cgroups.push_back(std::move(one));
  return true;
}

// Sockets that are there, in the way of `apply`.
void apply_to_processes(const AttachReport& report, LiveApply& applied) {
  std::set<pid_t> meant;
  for (const AttachedCgroup& one : report.cgroups) {
    meant.insert(one.processes.begin(), one.processes.end());
  }
  std::vector<ProcessEntry> processes;
  for (ProcessEntry& process : list_processes()) {
    if (meant.contains(process.pid) && !process.ended) processes.push_back(std::move(process));
  }
  applied.run(processes);
  if (!report.dry_run) remember_changes(applied.log());
}

std::string words_for_new_sockets(const Policy& policy, KernelVersion kernel) {
  const std::string watched = joined(watch_options(policy, kernel));
  if (watched.empty()) return "New sockets have it by the attachment.";
  if (engine_options(policy, kernel).empty()) {
    return "New sockets have it by sockopt watch, as long as that runs.";
  }
  return fmt::format(
      "New sockets have it by the attachment, and {} by sockopt watch, as long as that runs.",
      watched);
}

int attach(const Given& given) {
  if (given.list) {
    if (given.target.given() || given.sources.given() || given.established || given.dry_run) {
      throw UsageError("--list takes neither a policy nor a cgroup");
    }
    return list(given);
  }
  // Before a file of ours can take the number.
  if (given.established && ::fcntl(STDOUT_FILENO, F_GETFD) < 0) {
    complain("standard output",
             "it is closed, but the undo command is printed there; nothing was attached");
    return kFault;
  }
  std::string fault;
  const std::vector<std::string> cgroups = find_cgroups(given.target, fault);
  if (cgroups.empty()) {
    complain("attach", fault);
    return kFault;
  }
  const std::unique_ptr<EffectivePolicy> effective = engine_policy("attach", given.sources);
  if (!effective) return kFault;
  const Policy& policy = effective->policy();
  const KernelVersion kernel = KernelVersion::running();
  AttachReport report = {.policy = policy,
                         .detach = lasting_target(given.target, cgroups.front()),
                         .dry_run = given.dry_run};
  bool all_done = true;
  for (const std::string& cgroup : cgroups) {
    all_done = attach_to(cgroup, given, policy, report) && all_done;
  }
  const SocketSelection selection = {.established = true};
  const Mode mode = given.dry_run ? Mode::kDryRun : Mode::kChange;
  LiveApply applied(policy, Basis::kAttached, selection, mode);
  const ChangeReport changes = {applied,       selection,
                                mode,          Lasting::kAttached,
                                given.sources, words_for_new_sockets(policy, kernel)};
  if (given.established && !report.cgroups.empty()) {
    apply_to_processes(report, applied);
    warn_of_changes(changes);
    report.changes = &changes;
  }
  Output out;
  given.json ? print_attached_json(out, report) : print_attached(out, report);
  const bool all_changed = applied.log().failed() == 0 && applied.faults().empty();
  if (!all_done || !all_changed) return out.finish(kFault);
  return out.finish(applied.unreadable().empty() ? kDone : kPartial);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  given->sources.takes_zmq = false;
  declare_policy_sources(arguments, given->sources);
  arguments.flag("--no-file", given->sources.options_only,
                 "Use only -o: no file and no SOCKOPT_ variable");
  declare_target(arguments, given->target);
  arguments.flag("--established", given->established,
                 "Also set it on the sockets that are there, as `apply --established` does");
  arguments.flag("-n,--dry-run", given->dry_run,
                 "Attach nothing; show what would be attached where");
  arguments.flag("--list", given->list, "Show what is attached where, and what it has set");
  arguments.flag("--json", given->json,
                 "As JSON, schema sockopt.attach/1 or sockopt.attachments/1");
  return [given] { return attach(*given); };
}

constexpr Example kExamples[] = {
    {"sudo sockopt attach -u nginx", "the configuration for all processes of nginx.service"},
    {"sudo sockopt attach -o keepalive=on --host", "keepalive for new sockets of every process"},
    {"sudo sockopt attach --established -u redis-server", "connections that are there as well"},
    {"sudo sockopt attach --list", "what is attached where"},
};

}  // namespace

constinit const Verb kAttachVerb = {
    .name = "attach",
    .effect = Effect::kChanges,
    .summary = "set options for a whole cgroup, by eBPF in the kernel",
    .usage =
        "[-c FILE|--no-file] [-o KEY=VALUE]... [--enforce]\n"
        "                      [--established] [--dry-run] [--json]\n"
        "                      -u UNIT|--cgroup PATH|PID|--host\n"
        "       sockopt attach --list [--json]",
    .description =
        "Attaches the configuration to a cgroup: programs in the kernel set it on the sockets of\n"
        "all processes there, static and Go programs and containers among them. Nothing is loaded\n"
        "into a process or restarted. Attached again, the policy is replaced in one step.\n"
        "It takes root and Linux 6.1 or newer, and lasts until `sockopt detach`, the end of the\n"
        "cgroup or a reboot: `sockopt enable --engine bpf` attaches at each start of a unit.\n"
        "Options that eBPF cannot set are named; most of them `sockopt watch` sets, while it "
        "runs.\n"
        "How this differs from the library: man sockopt, THE BPF ENGINE.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
