// SPDX-License-Identifier: MIT
//
// `sockopt attach`: the policy onto the sockets of every process of a cgroup, set by programs in
// the kernel: nothing is loaded into a process, and nothing is restarted.
#include <fmt/format.h>

#include <memory>

#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/attach/attach_target.h"
#include "tools/sockopt/verbs/attach/attachment_list.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

struct Given {
  PolicySources sources;
  AttachTarget target;
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

// The command that sets on listeners that are there what is left out here. Empty where no process
// is there.
std::string apply_to_same(const Given& given, const std::string& cgroup) {
  if (processes_in(cgroup) == 0) return {};
  std::vector<std::string> words = {"sockopt", "apply"};
  if (given.sources.options_only) words.emplace_back("--no-file");
  for (std::string& word : policy_words(given.sources)) words.push_back(std::move(word));
  if (!given.target.unit.empty()) {
    words.insert(words.end(), {"-u", full_unit_name(given.target.unit)});
  } else if (!given.target.pid.empty()) {
    words.push_back(given.target.pid);
  } else if (given.target.host) {
    return command_text(words) + " PID|NAME...";
  } else {
    return command_text(words) + " $(find " + command_text({cgroup}) +
           " -name cgroup.procs -exec cat {} +)";
  }
  return command_text(words);
}

bool attach_to(const std::string& cgroup, const Given& given, const Policy& policy, Output& out) {
  const auto done = attach_policy({cgroup, target_words(given.target), policy});
  if (const auto* fault = std::get_if<Finding>(&done)) {
    complain("attach", fault->sentence());
    return false;
  }
  const auto& attached = std::get<Attached>(done);
  warn_of_neighbours(attached);
  const std::vector<std::string> keys = engine_options(policy, KernelVersion::running());
  out.print("{} {} ({}): {}\n", attached.replaced ? "replaced the policy of" : "attached to",
            printable(cgroup), counted(processes_in(cgroup, attached.below), "process"),
            joined(keys, " "));
  return true;
}

int attach(const Given& given) {
  if (given.list) {
    if (given.target.given() || given.sources.given()) {
      throw UsageError("--list takes neither a policy nor a cgroup");
    }
    return list(given);
  }
  if (given.json) throw UsageError("--json goes with --list");
  std::string fault;
  const std::vector<std::string> cgroups = find_cgroups(given.target, fault);
  if (cgroups.empty()) {
    complain("attach", fault);
    return kFault;
  }
  if (given.sources.options_only && !given.sources.configuration.empty()) {
    throw UsageError("--no-file and --config exclude each other");
  }
  require_sources(given.sources);
  const EffectivePolicy effective(given.sources);
  print_faults(effective);
  if (!effective.faults().empty()) {
    hint("sockopt: nothing was attached");
    return kFault;
  }
  const Policy& policy = effective.policy();
  if (policy.empty()) {
    throw UsageError("no settings: no file, no -o and no SOCKOPT_ variable sets an option");
  }
  for (const Finding& finding :
       engine_findings(policy, KernelVersion::running(), apply_to_same(given, cgroups.front()))) {
    warn("attach", finding.sentence());
  }
  if (engine_options(policy, KernelVersion::running()).empty()) {
    complain("attach", "nothing of this policy can be set by the bpf engine; nothing was attached");
    return kFault;
  }
  Output out;
  bool all_done = true;
  for (const std::string& cgroup : cgroups) {
    all_done = attach_to(cgroup, given, policy, out) && all_done;
  }
  if (!out.text().empty()) {
    out.print(
        "Sockets that are bound, listen or connect from now on get these. To remove it: "
        "sockopt detach {}\n",
        target_words(given.target));
  }
  return out.finish(all_done ? kDone : kFault);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  declare_policy_sources(arguments, given->sources);
  arguments.flag("--no-file", given->sources.options_only,
                 "Use only -o: no file and no SOCKOPT_ variable");
  declare_target(arguments, given->target);
  arguments.flag("--list", given->list, "Show what is attached where, and what it has set");
  arguments.flag("--json", given->json, "The list as JSON, schema sockopt.attachments/1");
  return [given] { return attach(*given); };
}

constexpr Example kExamples[] = {
    {"sudo sockopt attach -u nginx", "the configuration for all processes of nginx.service"},
    {"sudo sockopt attach -o keepalive=on --host", "keepalive for new sockets of every process"},
    {"sudo sockopt attach --list", "what is attached where"},
};

}  // namespace

constinit const Verb kAttachVerb = {
    .name = "attach",
    .effect = Effect::kChanges,
    .summary = "set options for a whole cgroup, by eBPF in the kernel",
    .usage =
        "[-c FILE|--no-file] [-o KEY=VALUE]... [--enforce]\n"
        "                      -u UNIT|--cgroup PATH|PID|--host\n"
        "       sockopt attach --list [--json]",
    .description =
        "Attaches the configuration to a cgroup: programs in the kernel set it on the sockets of\n"
        "all processes there, static and Go programs and containers among them. Nothing is loaded\n"
        "into a process or restarted. Attached again, the policy is replaced in one step.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
