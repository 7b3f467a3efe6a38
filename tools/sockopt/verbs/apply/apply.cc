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
#include "tools/sockopt/report/output.h"
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
      throw UsageError(
          fmt::format("--socket {}: write numbers as `ss -e` shows them behind sk:, "
                      "as in 1003,1005-1009",
                      printable(given.sockets, 80)));
    }
    selection.cookies = *cookies;
  }
  return selection;
}

int status_of(const LiveApply& applied, const Targets& targets) {
  if (applied.log().failed() != 0 || !targets.unmatched.empty()) return kFault;
  return applied.unseen().empty() ? kDone : kPartial;
}

int apply_to_running(const Given& given) {
  if (given.sources.options_only && !given.sources.configuration.empty()) {
    throw UsageError("--no-file and --config: one of them");
  }
  if (given.targets.words.empty() && given.targets.units.empty()) {
    throw UsageError("to which processes? PID, NAME or -u UNIT");
  }
  // Before a file of ours can take the number.
  if (!given.dry_run && ::fcntl(STDOUT_FILENO, F_GETFD) < 0) {
    complain("standard output",
             "it is closed, and what undoes a change is said there; nothing was changed");
    return kFault;
  }
  require_sources(given.sources);
  const SocketSelection selection = read_selection(given);
  EffectivePolicy effective(given.sources);
  print_faults(effective);
  if (!effective.faults().empty()) {
    hint("sockopt: nothing was changed");
    return kFault;
  }
  if (effective.policy().empty()) {
    throw UsageError(given.sources.options_only
                         ? "no settings: give some with -o"
                         : "no settings: neither a file nor -o nor a SOCKOPT_ variable asks for "
                           "any");
  }

  const Targets targets = find_targets(given.targets);
  const Mode mode = given.dry_run ? Mode::kRehearse : Mode::kChange;
  LiveApply applied(effective.policy(), selection, mode);
  applied.run(targets.processes);

  const ChangeReport report = {effective.policy(), applied, selection, mode};
  complain_of_unmatched(targets, given.targets);
  warn_of_changes(report);
  Output out;
  if (given.json) {
    out.write(changes_json(report));
    for (const std::string& line : undo_lines(report)) out.keep(line);
  } else if (!targets.processes.empty()) {
    print_changes(out, report);
  }
  return out.finish(status_of(applied, targets));
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  declare_policy_sources(arguments, given->sources);
  arguments.flag("--no-file", given->sources.options_only,
                 "Only -o counts: no file and no SOCKOPT_ variable");
  arguments.positional("PID|NAME", given->targets.words, "Processes, by number or by name");
  arguments.option("-u,--unit", "UNIT", given->targets.units, "The processes of this systemd unit");
  arguments.flag("--all-namespaces", given->targets.all_namespaces,
                 "A NAME also means processes in other containers");
  arguments.flag("--established", given->established,
                 "Connections too; without it only listeners, from which new ones inherit");
  arguments.option("--listen", "ADDRESS:PORT", given->listeners,
                   "Only such listeners, as `listen` of a rule has them, and what came in by them");
  arguments.option("--socket", "NUMBERS", given->sockets,
                   "Only sockets with these numbers, which `ss -e` shows behind sk:");
  arguments.flag("-n,--dry-run", given->dry_run, "Change nothing; say what would be changed");
  arguments.flag("--json", given->json, "For programs");
  return [given] { return apply_to_running(*given); };
}

constexpr Example kExamples[] = {
    {"sockopt apply --dry-run -u nginx", "what the configuration would change, and from what"},
    {"sockopt apply -o keepalive=on -o keepidle=60s redis-server",
     "keepalive for all connections that come in from now on"},
    {"sockopt apply --established -c ./sockopt.ini 812", "the connections of process 812 as well"},
};

}  // namespace

constinit const Verb kApplyVerb = {
    .name = "apply",
    .effect = Effect::kChanges,
    .summary = "put options onto the sockets of running programs",
    .usage =
        "[-c FILE|--no-file] [-o KEY=VALUE]... [--enforce] [--established] [--dry-run]\n"
        "                     [--all-namespaces] [--listen A:P]... [--socket NUMBERS] [--json]\n"
        "                     PID|NAME...|-u UNIT",
    .description =
        "Puts the configuration onto the listeners of running programs, so that connections that\n"
        "come in from now on inherit it, and the backlog takes effect at once. Says what each "
        "held\n"
        "before and holds now, and the command that undoes it. Nothing is restarted.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
