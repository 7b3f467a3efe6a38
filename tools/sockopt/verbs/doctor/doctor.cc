// SPDX-License-Identifier: MIT
//
// `sockopt doctor`: what keeps options from a host's sockets, a process, a unit or a program, and
// the command that fixes it.
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "tools/inspect/systemd_unit.h"
#include "tools/inspect/targets.h"
#include "tools/sockopt/diagnosis/examined.h"
#include "tools/sockopt/diagnosis/host.h"
#include "tools/sockopt/diagnosis/process.h"
#include "tools/sockopt/diagnosis/program.h"
#include "tools/sockopt/diagnosis/unit.h"
#include "tools/sockopt/report/finding_text.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/units/unmatched.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/doctor/doctor_json.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

struct Given {
  PolicySources sources;
  TargetQuery targets;
  std::vector<std::string> program;
  bool json = false;
};

struct Report {
  std::vector<Examined> examined;
  std::vector<UnreadableProcess> unreadable;
  Targets targets;
};

void print_text(Output& out, const Report& report) {
  const Style style = Style::of(STDOUT_FILENO);
  for (const Examined& examined : report.examined) {
    if (&examined != &report.examined.front()) out.write("\n");
    const bool named = examined.kind != examined.name;
    out.print("{}\n",
              style.bold(printable(named ? examined.kind + ' ' + examined.name : examined.name)));
    print_report(out, style, terminal_width(STDOUT_FILENO), examined.found);
  }
}

bool has_error(const Report& report) {
  return std::any_of(report.examined.begin(), report.examined.end(),
                     [](const Examined& one) { return count(one.found, Level::kError) != 0; });
}

// A unit need not run to be looked at.
void examine_units(const std::vector<std::string>& units, Report& report) {
  for (const std::string& unit : units) {
    const std::string name = full_unit_name(unit);
    Examined examined = examine_unit(FileTree::host(), name);
    if (examined.found.empty()) continue;
    const bool runs = std::erase_if(report.targets.unmatched, [&](const std::string& word) {
                        return full_unit_name(word) == name;
                      }) == 0;
    if (!runs) {
      examined.found.push_back(Finding::note("processes", "it is not running"));
    }
    report.examined.push_back(std::move(examined));
  }
}

Report examine(const Given& given, const EffectivePolicy& effective) {
  Report report;
  if (!given.program.empty()) {
    report.examined.push_back(examine_program(given.program, effective, given.sources));
    return report;
  }
  if (given.targets.words.empty() && given.targets.units.empty()) {
    report.examined.push_back(examine_host(effective));
    return report;
  }
  report.targets = find_targets(given.targets);
  examine_units(given.targets.units, report);
  ExaminedProcesses processes =
      examine_processes(report.targets.processes, effective, given.sources);
  for (Examined& one : processes.examined) report.examined.push_back(std::move(one));
  report.unreadable = std::move(processes.unreadable);
  return report;
}

int diagnose(const Given& given) {
  const bool processes = !given.targets.words.empty() || !given.targets.units.empty();
  if (processes && !given.program.empty()) {
    throw UsageError("give processes, or a program after `--`, not both");
  }
  require_sources(given.sources);
  const EffectivePolicy effective(given.sources);
  // Of the host they are findings.
  if (processes || !given.program.empty()) print_faults(effective);
  const Report report = examine(given, effective);
  complain_of_unmatched(report.targets, given.targets);
  complain_of_unreadable(report.unreadable, true);
  int status = kDone;
  if (!report.unreadable.empty()) status = kPartial;
  if (!report.targets.unmatched.empty() || !effective.faults().empty() || has_error(report)) {
    status = kFault;
  }
  Output out;
  given.json ? out.write(doctor_json(report.examined, report.unreadable)) : print_text(out, report);
  return out.finish(status);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  arguments.positional("PID|NAME", given->targets.words, "PIDs or program names");
  arguments.option("-u,--unit", "UNIT", given->targets.units, "A systemd unit and its processes");
  declare_policy_sources(arguments, given->sources);
  arguments.flag("--all-namespaces", given->targets.all_namespaces,
                 "A NAME also matches processes in other PID and network namespaces");
  arguments.flag("--json", given->json, "As JSON, schema sockopt.doctor/2");
  arguments.program_after_dashes(given->program);
  return [given] { return diagnose(*given); };
}

constexpr Example kExamples[] = {
    {"sockopt doctor", "this host: the library, the configuration, the sysctls that limit it"},
    {"sudo sockopt doctor nginx", "running processes: is the library loaded, what limits them"},
    {"sudo sockopt doctor -u redis-server", "a unit, and what in its settings stops the library"},
    {"sockopt doctor -- /opt/vendor/server", "a program, before it is started"},
};

}  // namespace

constinit const Verb kDoctorVerb = {
    .name = "doctor",
    .effect = Effect::kReads,
    .summary = "find what keeps options from working, and the fix",
    .usage =
        "[-c FILE] [-o KEY=VALUE]... [--enforce]\n"
        "                      [--all-namespaces] [--json]\n"
        "                      [PID|NAME... | -u UNIT... | -- PROGRAM [ARGUMENT...]]",
    .description =
        "Examines running processes, a unit, a program that has not started yet, or this host "
        "if\nyou name nothing. Each line has a level (FAIL, WARN, NOTE, OK), a topic, what was "
        "found,\nand the command that fixes it. Exits with 1 if a line says FAIL, and with 3 if a "
        "process\ncould not be examined.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
