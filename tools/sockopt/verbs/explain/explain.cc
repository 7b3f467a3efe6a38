// SPDX-License-Identifier: MIT
//
// `sockopt explain`: what a socket would get, from which line, instead of what, at which call and
// at which price, without starting anything.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "shim/options/lookup.h"
#include "shim/zmq/policy.h"
#include "tools/sockopt/bpf/engine_outlook.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/start_line.h"
#include "tools/sockopt/live/probe.h"
#include "tools/sockopt/policy/explanation.h"
#include "tools/sockopt/policy/program_names.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/report/text_table.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/explain/explain_json.h"
#include "tools/sockopt/verbs/explain/explain_zmq.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

struct Given {
  PolicySources sources;
  std::string program;
  std::string listen;
  std::string connect;
  std::string zmq;
  std::string engine;
  bool json = false;
};

std::string overruled_text(const Policy& policy, const ExplainedSetting& explained) {
  if (!explained.overruled.empty()) {
    const Setting& last = *explained.overruled.back();
    return fmt::format("{} {}", value_text(policy, last), origin_text(policy, last));
  }
  const Setting& winner = *explained.winner;
  if (winner.option >= kOptionCount) return "kernel's";
  if (winner.ignores || policy.option(winner.option).kind == Kind::kBacklog) return "program's";
  const std::string_view initial = kManual[winner.option].initial;
  const std::string_view value = initial.substr(0, initial.find(" ("));
  const bool names_it = value.find("kernel") != value.npos;  // `tuned by the kernel`
  return fmt::format("{}{}", names_it ? "" : "kernel ", value);
}

// Whose value counts where the program sets the same option.
enum class Winner { kPolicy, kProgram, kLarger };

Winner winner_of(const Policy& policy, const Setting& setting) {
  if (policy.rule_of(setting).enforces) return Winner::kPolicy;
  return policy.option(setting.option).kind == Kind::kBacklog ? Winner::kLarger : Winner::kProgram;
}

std::string names_of(const Policy& policy, const Explanation& explanation, Winner winner) {
  std::string text;
  for (const ExplainedSetting& explained : explanation.settings) {
    if (explained.winner->keeps_default) continue;
    if (winner_of(policy, *explained.winner) != winner) continue;
    text += fmt::format("{}{}", text.empty() ? "" : ", ",
                        policy.option(explained.winner->option).key.view());
  }
  return text;
}

void print_rest(Output& out, const Policy& policy, const Explanation& explanation) {
  for (const SilentRule& silent : explanation.silent) {
    out.print("no match: [{}] at {}:{}: {}\n", printable(policy.name(*silent.rule)),
              printable(base_name(policy.path(silent.rule->file))), silent.rule->line,
              silent.fix.empty() ? silent.reason : silent.reason + "; " + silent.fix);
  }
  constexpr std::pair<Winner, std::string_view> kLines[] = {
      {Winner::kPolicy, "enforced, whatever the program sets"},
      {Winner::kProgram, "not enforced, the program's own value wins"},
      {Winner::kLarger, "not enforced, the larger value wins"}};
  for (const auto& [winner, line] : kLines) {
    const std::string names = names_of(policy, explanation, winner);
    if (!names.empty()) out.print("{}: {}\n", line, names);
  }
}

std::string calls_text(const Policy& policy, const ExplainedSetting& explained,
                       const SocketQuestion& question) {
  const std::vector<std::string_view> calls = calls_of(policy, explained, question);
  return calls.empty() ? "-" : joined(calls);
}

// The same table, with what makes each setting in place of its price, which is none.
void print_outlook(Output& out, const Policy& policy, const SocketQuestion& question) {
  const Explanation explanation = explain(policy, question);
  const KernelVersion kernel = KernelVersion::running();
  const bool ipv6 = question.address.family == Address::Family::kIpv6;
  TextTable table({{"OPTION"},
                   {"VALUE"},
                   {"FROM", 0, 16},
                   {"OVERRIDES", 2, 12},
                   {"SET AT"},
                   {"SET BY"},
                   {"HERE"}});
  Findings limits;
  for (const ExplainedSetting& explained : explanation.settings) {
    const Setting& winner = *explained.winner;
    const Option& option = policy.option(winner.option);
    const SetBy by = set_by(policy, winner, kernel, question.side);
    const std::vector<std::string_view> calls =
        engine_calls(option, by, question.side, is_decided_late(policy, explained));
    const std::string_view word = set_by_word(by);
    table.add({std::string(option.key.view()), value_text(policy, winner),
               origin_text(policy, winner), overruled_text(policy, explained),
               calls.empty() ? "-" : joined(calls), std::string(word.empty() ? "-" : word),
               winner.keeps_default
                   ? ""
                   : probe_text(option, winner.value, probe_value(option, winner.value, ipv6))});
    if (auto limit = engine_limit(policy, winner, kernel, question.side)) {
      limits.push_back(*std::move(limit));
    }
  }
  append(limits, engine_rule_limits(policy));
  append(limits, engine_name_limits(policy));
  if (explanation.settings.empty()) {
    out.write("nothing is set on this socket\n");
  } else {
    table.print(out, Style::of(STDOUT_FILENO), terminal_width(STDOUT_FILENO));
    out.write("no system call is added to any process\n");
  }
  for (const Finding& limit : limits) out.print("{}\n", limit.sentence());
  print_rest(out, policy, explanation);
}

void print_explanation(Output& out, const Policy& policy, const SocketQuestion& question) {
  const Explanation explanation = explain(policy, question);
  const bool ipv6 = question.address.family == Address::Family::kIpv6;
  TextTable table({{"OPTION"},
                   {"VALUE"},
                   {"FROM", 0, 16},
                   {"OVERRIDES", 2, 12},
                   {"SET AT"},
                   {"SYSCALLS/CONN", 1},
                   {"HERE"}});
  int calls = 0;
  for (const ExplainedSetting& explained : explanation.settings) {
    const Setting& winner = *explained.winner;
    const Option& option = policy.option(winner.option);
    const int each = calls_per_connection(policy, explained, question);
    calls += each;
    table.add({std::string(option.key.view()), value_text(policy, winner),
               origin_text(policy, winner), overruled_text(policy, explained),
               calls_text(policy, explained, question), std::to_string(each),
               winner.keeps_default
                   ? ""
                   : probe_text(option, winner.value, probe_value(option, winner.value, ipv6))});
  }
  if (explanation.settings.empty()) {
    out.write("nothing is set on this socket\n");
  } else {
    table.print(out, Style::of(STDOUT_FILENO), terminal_width(STDOUT_FILENO));
    out.print("{} per {} connection\n",
              counted(static_cast<std::size_t>(calls), "extra system call"),
              question.side == Side::kConnect ? "client" : "accepted");
  }
  print_rest(out, policy, explanation);
}

SocketQuestion read_question(const Given& given, const Program& program) {
  SocketQuestion question;
  if (!given.program.empty()) question.program = &program;
  if (!given.listen.empty() && !given.connect.empty()) {
    throw UsageError("--listen and --connect exclude each other");
  }
  const std::string& address = given.listen.empty() ? given.connect : given.listen;
  if (address.empty()) return question;
  TextOf<200> error;
  const std::string_view port = std::string_view(address).substr(address.starts_with("*:") ? 2 : 0);
  const bool is_bare = !port.empty() && port.find_first_not_of("0123456789") == port.npos;
  if (is_bare && given.listen.empty()) {
    throw UsageError(fmt::format("--connect {}: which peer? Write ADDRESS:PORT", address));
  }
  // As in a rule: of every address. A listener of both families is bound to [::].
  const std::string whole = is_bare ? fmt::format("[::]:{}", port) : address;
  if (!parse_address(whole, question.address, error)) {
    throw UsageError(fmt::format("{} {}: {}", given.listen.empty() ? "--connect" : "--listen",
                                 printable(address), error.view()));
  }
  question.side = given.listen.empty() ? Side::kConnect : Side::kListen;
  return question;
}

// Rules know a program by its own names, and not by those of the script that started it.
void print_names(Output& out, const Given& given, const Policy& policy, const Program& program) {
  if (given.program.empty() || !policy.has_programs()) return;
  const StartLine line = follow_start_line({given.program}, installed_library(), {});
  if (!line.script.empty() && (!line.unknown.empty() || !line.words.empty())) {
    out.print("{} is a script: rules for it are not for what it starts, {}\n",
              printable(line.script),
              printable(line.unknown.empty() ? line.words.front() : line.unknown));
    return;
  }
  const std::string why = why_not_meant(policy, program);
  if (!why.empty()) out.print("{}\n", why);
}

int explain_zmq_socket(const Given& given) {
  if (!given.listen.empty() || !given.connect.empty() || engine_of(given.engine) == Engine::kBpf) {
    throw UsageError("--zmq excludes --listen, --connect and --engine bpf");
  }
  const int type = zmq_type_of(given.zmq);
  const auto named = name_program(given.program);
  const Program* program = given.program.empty() ? nullptr : &named->program;
  require_sources(given.sources);
  const EffectivePolicy effective(given.sources);
  print_faults(effective);
  Output out;
  if (given.json) {
    out.write(zmq_explanation_json(effective, type, program));
  } else {
    print_zmq_explanation(out, effective, type, program);
  }
  return out.finish(effective.faults().empty() ? kDone : kFault);
}

int explain_policy(const Given& given) {
  if (!given.zmq.empty()) return explain_zmq_socket(given);
  for (const std::string& option : given.sources.options) {
    if (option.starts_with(zmq::kKeyPrefix)) {
      throw UsageError(
          fmt::format("-o {} is for ZeroMQ's sockets: add --zmq TYPE, such as --zmq req",
                      printable(option, 80)));
    }
  }
  const bool is_bpf = engine_of(given.engine) == Engine::kBpf;
  const auto named = name_program(given.program);
  if (is_bpf) keep_executable(named->program);
  const SocketQuestion question = read_question(given, named->program);
  require_sources(given.sources);
  EffectivePolicy effective(given.sources);
  print_faults(effective);
  if (const auto absence = engine_absence(); is_bpf && absence) {
    warn("explain", absence->sentence());
  }
  Output out;
  if (given.json) {
    out.write(explanation_json(effective.policy(), question, effective.faults(), is_bpf));
  } else {
    is_bpf ? print_outlook(out, effective.policy(), question)
           : print_explanation(out, effective.policy(), question);
    print_names(out, given, effective.policy(), named->program);
  }
  return out.finish(effective.faults().empty() ? kDone : kFault);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  declare_policy_sources(arguments, given->sources);
  arguments.option("--program", "NAME", given->program, "The program that opens the socket");
  arguments.option("--listen", "ADDRESS:PORT", given->listen,
                   "A listener bound to this address; a bare port: to [::]");
  arguments.option("--connect", "ADDRESS:PORT", given->connect, "A connection to this peer");
  arguments.option("--zmq", "TYPE", given->zmq,
                   "A ZeroMQ socket of this type: req, rep, dealer, router ...");
  declare_engine(arguments, given->engine, "bpf: what `attach` would give it; default: preload");
  arguments.flag("--json", given->json, "As JSON, schema sockopt.explain/1");
  return [given] { return explain_policy(*given); };
}

constexpr Example kExamples[] = {
    {"sockopt explain --program nginx --listen 0.0.0.0:443", "a listener, and what it accepts"},
    {"sockopt explain --program php-fpm8.2 --connect 192.0.2.7:5432", "a connection to a database"},
    {"sockopt explain -c ./sockopt.ini", "what every socket gets, whatever its address"},
    {"sockopt explain --engine bpf --listen 443", "what `attach` would give a listener"},
};

}  // namespace

constinit const Verb kExplainVerb = {
    .name = "explain",
    .effect = Effect::kReads,
    .summary = "show what a socket would get, and why",
    .usage =
        "[-c FILE] [-o KEY=VALUE]... [--enforce] [--program NAME]\n"
        "                       [--listen A:P | --connect A:P | --zmq TYPE]\n"
        "                       [--engine preload|bpf]\n"
        "                       [--json]",
    .description =
        "Shows, for each option of such a socket, the value and the line it comes from, what it\n"
        "overrides, at which call it is set, what it costs per connection, and what this "
        "host's\nkernel makes of it. Then the rules that do not apply, and why.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
