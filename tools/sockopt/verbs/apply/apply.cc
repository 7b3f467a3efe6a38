// SPDX-License-Identifier: MIT
//
// `sockopt apply`: the policy onto the sockets of programs that run, without a restart. Listeners,
// so that new connections inherit; connections only where that is asked for.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "tools/inspect/targets.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/live/live_apply.h"
#include "tools/sockopt/live/undo_history.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/units/unmatched.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

struct Given {
  PolicySources sources;
  TargetQuery targets;
  bool established = false;
  bool dry_run = false;
  bool json = false;
  bool history = false;
  std::vector<std::string> listeners;
  std::string sockets;
};

SocketSelection read_selection(const Given& given) {
  SocketSelection selection;
  selection.established = given.established;
  for (const std::string& text : given.listeners) {
    AddressPattern pattern{};
    TextOf<200> error;
    if (!parse_address_pattern(text, pattern, error)) {
      throw UsageError(fmt::format("--listen {}: {}", printable(text, 80), error.view()));
    }
    selection.listeners.push_back(pattern);
  }
  if (!given.sockets.empty()) {
    const auto cookies = CookieRanges::parse(given.sockets);
    if (!cookies) {
      throw UsageError(fmt::format(
          "--socket {}: takes numbers as `ss -e` shows them after sk:, such as 1003,1005-1009",
          printable(given.sockets, 80)));
    }
    selection.cookies = *cookies;
  }
  return selection;
}

int status_of(const LiveApply& applied, const SocketSelection& selection, const Targets& targets,
              const Findings& faults) {
  // What was typed is nowhere: it must not look like success.
  if (!selection.listeners.empty() && applied.log().selected() == 0 &&
      applied.unreadable().empty()) {
    return kFault;
  }
  if (applied.log().failed() != 0 || !applied.faults().empty() || !faults.empty() ||
      !targets.unmatched.empty()) {
    return kFault;
  }
  return applied.unreadable().empty() ? kDone : kPartial;
}

int apply_to_running(const Given& given) {
  if (given.history) {
    Output out;
    return out.finish(print_history(out, given.json));
  }
  if (given.sources.options_only && !given.sources.configuration.empty()) {
    throw UsageError("--no-file and --config exclude each other");
  }
  if (given.targets.words.empty() && given.targets.units.empty()) {
    throw UsageError("to which process? Give PID, NAME or -u UNIT");
  }
  // Before a file of ours can take the number.
  if (!given.dry_run && ::fcntl(STDOUT_FILENO, F_GETFD) < 0) {
    complain("standard output",
             "it is closed, but the undo command is printed there; nothing was changed");
    return kFault;
  }
  require_sources(given.sources);
  const SocketSelection selection = read_selection(given);
  EffectivePolicy effective(given.sources);
  print_faults(effective);
  const bool own = !given.sources.given() && !given.sources.options_only;
  if (!effective.faults().empty() && !own) {
    hint("sockopt: nothing was changed");
    return kFault;
  }
  const bool has_zmq = !own && zmq_settings_in_force(effective.zmq()) != 0;
  if (has_zmq) warn("apply", left_to_zmq_library().sentence());
  if (effective.policy().empty() && !own) {
    throw UsageError(given.sources.options_only ? "no settings: give some with -o"
                     : has_zmq
                         ? "no settings for TCP sockets"
                         : "no settings: no file, no -o and no SOCKOPT_ variable sets an option");
  }

  const Targets targets = find_targets(given.targets);
  const Mode mode = given.dry_run ? Mode::kDryRun : Mode::kChange;
  // One with a mistake is nobody's, but those that processes hold are not concerned.
  const auto none = std::make_unique<Policy>();
  LiveApply applied(effective.faults().empty() ? effective.policy() : *none,
                    own ? Basis::kOwn : Basis::kGiven, selection, mode);
  applied.run(targets.processes);
  complain_of_unmatched(targets, given.targets);
  if (const auto& without = applied.without_policy();
      !without.empty() && without.size() == targets.processes.size()) {
    if (!effective.faults().empty()) {
      hint("sockopt: nothing was changed");
      return kFault;
    }
    throw UsageError(
        fmt::format("no settings for {}: it holds no policy, and no file, no -o and "
                    "no SOCKOPT_ variable sets an option",
                    without.front()));
  }
  for (const std::string& name : applied.without_policy()) {
    warn(name, effective.faults().empty()
                   ? "left alone: it holds no policy, and none is configured"
                   : "left alone: it holds no policy, and the configuration has errors");
  }
  for (const Finding& note : applied.notes()) warn(note.topic, note.what);
  for (const Finding& fault : applied.faults()) complain(fault.topic, fault.what);
  if (!applied.faults().empty() && applied.log().selected() == 0) {
    hint("sockopt: nothing was changed");
  }

  if (mode == Mode::kChange) remember_changes(applied.log());
  const ChangeReport report = {applied, selection, mode, Lasting::kNo, given.sources};
  warn_of_changes(report);
  Output out;
  if (given.json) {
    out.write(changes_json(report));
    for (const std::string& line : undo_lines(report)) out.keep(line);
  } else if (!targets.processes.empty()) {
    print_changes(out, report);
  }
  return out.finish(status_of(applied, selection, targets, effective.faults()));
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  given->sources.takes_zmq = false;
  declare_policy_sources(arguments, given->sources);
  given->sources.takes_unset = true;
  arguments.flag("--no-file", given->sources.options_only,
                 "Use only -o: no file and no SOCKOPT_ variable");
  arguments.positional("PID|NAME", given->targets.words, "PIDs or program names");
  arguments.option("-u,--unit", "UNIT", given->targets.units, "The processes of this systemd unit");
  arguments.flag("--all-namespaces", given->targets.all_namespaces,
                 "A NAME also matches processes in other PID and network namespaces");
  arguments.flag("--established", given->established,
                 "Connections too; by default only listeners, from which new ones inherit");
  arguments.option(
      "--listen", "ADDRESS:PORT", given->listeners,
      "Only listeners that match, as in `listen` of a rule, and the connections they accepted");
  arguments.option("--socket", "NUMBERS", given->sockets,
                   "Only sockets with these numbers, which `ss -e` shows after sk:");
  arguments.flag("-n,--dry-run", given->dry_run, "Change nothing; show what would change");
  arguments.flag("--history", given->history,
                 "Show what was applied before, its undo, and where this is kept");
  arguments.flag("--json", given->json, "As JSON, schema sockopt.apply/1 or sockopt.history/1");
  return [given] { return apply_to_running(*given); };
}

constexpr Example kExamples[] = {
    {"sockopt apply --dry-run -u nginx", "what the configuration would change"},
    {"sockopt apply -o keepalive=on -o keepidle=60s redis-server",
     "keepalive for all new connections"},
    {"sockopt apply --established -c ./sockopt.ini 812", "the connections of process 812 as well"},
};

}  // namespace

constinit const Verb kApplyVerb = {
    .name = "apply",
    .effect = Effect::kChanges,
    .summary = "set options on the sockets of running programs",
    .usage =
        "[-c FILE|--no-file] [-o KEY=VALUE]... [--enforce]\n"
        "                     [--established] [--dry-run] [--all-namespaces]\n"
        "                     [--listen A:P]... [--socket NUMBERS] [--json]\n"
        "                     PID|NAME...|-u UNIT...\n"
        "       sockopt apply --history [--json]",
    .description =
        "Sets the configuration on the listeners of running programs: new connections inherit "
        "it,\nand the backlog takes effect at once. Shows what each socket held before and holds "
        "now,\nand the command that undoes it, which --history shows again. Nothing is restarted.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
