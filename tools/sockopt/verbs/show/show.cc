// SPDX-License-Identifier: MIT
//
// `sockopt show`: the TCP sockets of running processes, with the options that the kernel holds for
// them, and what of that differs from the policy. The processes are not asked, and notice nothing.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "tools/inspect/read_small_file.h"
#include "tools/inspect/targets.h"
#include "tools/sockopt/live/census.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/replacement_file.h"
#include "tools/sockopt/units/unmatched.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/policy_arguments.h"
#include "tools/sockopt/verbs/show/arrangement.h"
#include "tools/sockopt/verbs/show/fix.h"
#include "tools/sockopt/verbs/show/show_json.h"
#include "tools/sockopt/verbs/show/show_prometheus.h"
#include "tools/sockopt/verbs/show/show_table.h"
#include "tools/sockopt/verbs/show/show_words.h"
#include "tools/sockopt/verbs/show/show_zmq.h"

namespace sockopt {
namespace {

struct Given {
  TargetQuery query;
  PolicySources sources;
  TableForm form;
  std::string order;
  bool strict = false;
  bool json = false;
  bool prometheus = false;
  std::string output;

  bool names_targets() const { return !query.words.empty() || !query.units.empty(); }
};

CensusScope scope_of(const Given& given) {
  // Without a word, the servers of this host: their connections would drown them.
  CensusScope scope{.listeners_only = !given.names_targets()};
  TableForm form = given.form;
  form.wide |= given.json;
  if (!given.prometheus) scope.options = table_options(form);
  return scope;
}

// What is shown of the processes.
struct Shown {
  Census& census;
  const FixFinder& fix;
  const std::vector<ZmqProcess>& zmq;
};

void print(Output& out, const Given& given, const Shown& shown,
           std::optional<std::string_view> before) {
  if (given.json) {
    print_json(out, shown.census, given.form, shown.zmq);
  } else if (given.prometheus) {
    print_prometheus(out, shown.census, before);
  } else {
    print_table(out, shown.census, given.form, shown.fix);
    print_zmq_processes(out, shown.zmq);
  }
}

// Into the file of -O, which is replaced only by a whole one; or to standard output.
int deliver(const Given& given, const Shown& shown, int status) {
  if (given.output.empty()) {
    Output out;
    print(out, given, shown, {});
    return out.finish(status);
  }
  const Result<std::string> before = read_small_file(AT_FDCWD, given.output);
  Result<ReplacementFile> file = ReplacementFile::create(given.output);
  std::optional<Failure> failure;
  if (!file) {
    failure = file.failure();
  } else {
    Output out(file->release());
    print(out, given, shown, before ? std::string_view(*before) : std::string_view());
    if (out.finish(kDone) != kDone) return kFault;
    failure = file->commit();
  }
  if (!failure) return status;
  complain("-O", failure->text());
  return kFault;
}

bool differs(const Census& census, const TableForm& form) {
  const auto& sockets = census.sockets();
  return std::any_of(sockets.begin(), sockets.end(), [&](const CensusSocket& socket) {
    return !socket.differs.empty() && is_shown(form, socket);
  });
}

constexpr std::pair<std::string_view, Order> kOrders[] = {{"address", Order::kAddress},
                                                          {"drops", Order::kDrops},
                                                          {"queue", Order::kQueue},
                                                          {"program", Order::kProgram},
                                                          {"count", Order::kCount}};

std::optional<Order> read_order(const std::string& word) {
  if (word.empty()) return std::nullopt;
  for (const auto& [name, order] : kOrders) {
    if (name == word) return order;
  }
  throw UsageError(
      fmt::format("--sort {}: takes address, drops, queue, program or count", printable(word, 80)));
}

int show_sockets(Given& given) {
  if (given.json && given.prometheus)
    throw UsageError("--json and --prometheus exclude each other");
  if ((given.form.drops || !given.order.empty()) && given.prometheus) {
    throw UsageError("--drops and --sort are for the table and --json; Prometheus sorts by itself");
  }
  given.form.order = read_order(given.order);
  given.form.names_targets = given.names_targets();
  if (const auto why = why_not_replaceable(given.output); !why.empty()) {
    throw UsageError(
        fmt::format("-O {}: {}, which a file cannot replace; redirect the output with >",
                    printable(given.output), why));
  }
  require_sources(given.sources);
  const EffectivePolicy effective(given.sources);
  PolicyPool policies(effective.policy(), given.sources.given() ? Basis::kGiven : Basis::kHeld);
  Census census(scope_of(given), policies);
  const Targets targets = find_targets(given.query);
  for (const ProcessEntry& process : targets.processes) census.visit(process);
  census.check();
  // Only of programs that were asked for: it takes a look at what each has loaded.
  const std::vector<ZmqProcess> zmq =
      given.names_targets() ? read_zmq_processes(targets.processes) : std::vector<ZmqProcess>();
  given.form.has_zmq_policy = std::any_of(
      zmq.begin(), zmq.end(), [](const ZmqProcess& one) { return one.held.settings != 0; });

  // Now nothing of anybody's is held any more, and whoever reads may take his time.
  print_faults(effective);
  complain_of_unmatched(targets, given.query);
  complain_of_unreadable(census.unreadable(), given.names_targets());
  int status = census.unreadable().empty() ? kDone : kPartial;
  if (!targets.unmatched.empty() || !effective.faults().empty()) status = kFault;
  if (given.strict && differs(census, given.form)) status = kFault;
  // For a timer, which would be failed for good by one process: sockopt_processes counts those.
  if (given.prometheus && !given.output.empty() && status == kPartial) status = kDone;
  // With what names no process the command would fail, and a name is also of what is not shown.
  const bool all = targets.unmatched.empty() && !given.form.drops;
  const TargetQuery query = all ? given.query : TargetQuery{};
  const FixFinder fix = [&](const std::vector<SocketGroup>& shown) {
    return fix_for(census, shown, query, effective, given.sources);
  };
  return deliver(given, {census, fix, zmq}, status);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  arguments.positional("PID|NAME", given->query.words,
                       "PIDs or program names; without any, all listeners that you may read");
  arguments.option("-u,--unit", "UNIT", given->query.units, "The processes of a systemd unit");
  arguments.flag("--all-namespaces", given->query.all_namespaces,
                 "A NAME also matches processes in other PID and network namespaces");
  arguments.flag("--each", given->form.each, "Show every connection, not groups");
  arguments.flag("--wide", given->form.wide, "Show everything, in lines longer than the terminal");
  arguments.flag("--drops", given->form.drops,
                 "Only listeners that dropped connections, most first");
  arguments.option("--sort", "COLUMN", given->order,
                   "By address, drops, queue, program or count (of connections); most first");
  arguments.flag("--strict", given->strict, "Exit with 1 if something shown differs");
  arguments.flag("--json", given->json, "As JSON, schema sockopt.show/1, with every option");
  arguments.flag("--prometheus", given->prometheus,
                 "As metrics for node_exporter's textfile collector");
  arguments.option("-O,--output", "FILE", given->output,
                   "Write to this file, replacing it in one step");
  given->sources.takes_zmq = false;
  declare_policy_sources(arguments, given->sources);
  given->sources.takes_unset = true;
  return [given] { return show_sockets(*given); };
}

constexpr Example kExamples[] = {
    {"sockopt show", "all listeners: their queues, drops and keepalive"},
    {"sockopt show --drops", "listeners whose queue was too short"},
    {"sockopt show nginx redis-server", "both, with their connections in groups"},
    {"sockopt show -u postgresql@15-main --each", "every connection of a unit"},
    {"sockopt show --strict nginx >/dev/null || echo drifted", "as a check"},
    {"sockopt show --prometheus -O /var/lib/prometheus/node-exporter/sockopt.prom",
     "from a timer, for alerts"},
};

}  // namespace

constinit const Verb kShowVerb = {
    .name = "show",
    .effect = Effect::kReads,
    .summary = "list the TCP sockets of running processes and their options",
    .usage =
        "[-c FILE] [-o KEY=VALUE]... [--enforce] [--each] [--wide]\n"
        "                    [--drops] [--sort COLUMN] [--strict] [--json|--prometheus]\n"
        "                    [-O FILE] [--all-namespaces] [-u UNIT]... [PID|NAME...]",
    .description =
        "Shows what the kernel holds for the TCP sockets of running programs, with the library "
        "or\nwithout: state, addresses, accept queue, drops, options. ! marks what differs from "
        "the\npolicy; nginx(812+4) is process 812 and four more. The programs notice nothing.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
