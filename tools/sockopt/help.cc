// SPDX-License-Identifier: MIT
//
// `sockopt help`, and what `sockopt` alone and --help print.
#include "tools/sockopt/help.h"

#include <unistd.h>

#include <algorithm>
#include <memory>

#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/report/text_table.h"
#include "tools/sockopt/verbs.h"

namespace sockopt {
namespace {

constexpr std::size_t kWidth = 80;

void print_verbs(Output& out, const Style& style, bool reads, std::string_view heading) {
  out.print("\n{}\n", style.bold(heading));
  for (const Verb* verb : verbs()) {
    if ((verb->effect == Effect::kReads) != reads) continue;
    out.print("  {:<10}{}\n", verb->name, verb->summary);
  }
}

void print_examples(Output& out, const Style& style, std::span<const Example> examples) {
  if (examples.empty()) return;
  out.print("\n{}\n", style.bold("Examples:"));
  for (const Example& example : examples) {
    out.print("  {}\n      {}\n", example.command, example.meaning);
  }
}

// `-c, --config FILE`, or `FILE` for what has no name.
std::string spelling(const Argument& argument) {
  const char* gap = argument.names.empty() || argument.value.empty() ? "" : " ";
  return argument.names + gap + argument.value;
}

constexpr Example kExamples[] = {
    {"sockopt apply --dry-run -o keepalive=on -o keepidle=60s nginx",
     "what that would change in the running nginx"},
};

int help_with(const std::string& name) {
  const Verb* verb = find_verb(name);
  if (verb == nullptr) {
    const std::string_view meant = suggest_verb(name);
    throw UsageError(
        meant.empty() ? fmt::format("there is no command `{}`", name)
                      : fmt::format("there is no command `{}`; did you mean `{}`?", name, meant));
  }
  Arguments arguments;
  verb->declare(arguments);
  return print_help(*verb, arguments);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<std::string>();
  arguments.positional("COMMAND", *given, "The command to explain; without it, lists all");
  return [given] { return given->empty() ? print_overview() : help_with(*given); };
}

constexpr Example kHelpExamples[] = {
    {"sockopt help run", "how to start a program, with examples"},
};

}  // namespace

constinit const Verb kHelpVerb = {
    .name = "help",
    .effect = Effect::kReads,
    .summary = "explain a command, with examples; sockopt.ini(5) has the settings",
    .usage = "[COMMAND]",
    .description =
        "Explains a command: what it does, its arguments, and examples.\nWithout COMMAND, lists "
        "them all.",
    .examples = kHelpExamples,
    .declare = declare,
};

int print_overview() {
  const Style style = Style::of(STDOUT_FILENO);
  Output out;
  out.print("sockopt {} sets options on the TCP sockets of unmodified programs.\n",
            SOCKOPT_VERSION);
  print_verbs(out, style, true, "Read-only:");
  print_verbs(out, style, false, "Starts or changes something:");
  print_examples(out, style, kExamples);
  return out.finish(kDone);
}

int print_help(const Verb& verb, const Arguments& arguments) {
  const Style style = Style::of(STDOUT_FILENO);
  Output out;
  out.print("{} sockopt {} {}\n\n", style.bold("Usage:"), verb.name, verb.usage);
  std::string description(verb.description);
  std::replace(description.begin(), description.end(), '\n', ' ');
  for (const std::string& line : wrap_text(description, kWidth)) out.print("{}\n", line);

  const std::vector<Argument> all = arguments.all();
  std::size_t widest = 0;
  for (const Argument& one : all) widest = std::max(widest, spelling(one).size());
  out.print("\n{}\n", style.bold("Arguments:"));
  for (const Argument& one : all) {
    std::string name = spelling(one);
    for (const std::string& line : wrap_text(one.meaning, kWidth - widest - 4)) {
      out.print("  {:<{}}  {}\n", name, widest, line);
      name.clear();
    }
  }
  print_examples(out, style, verb.examples);
  return out.finish(kDone);
}

}  // namespace sockopt
