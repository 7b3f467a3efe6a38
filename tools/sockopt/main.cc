// SPDX-License-Identifier: MIT
//
// sockopt(1): finds the verb and calls it. Nothing that goes wrong inside is a crash to whoever
// called it.
#ifdef SOCKOPT_STATIC
#include <nss.h>
#endif

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "tools/sockopt/command_line.h"
#include "tools/sockopt/completion.h"
#include "tools/sockopt/help.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs.h"

namespace sockopt {
namespace {

int print_version() {
  Output out;
  out.print("sockopt {}\n", SOCKOPT_VERSION);
  return out.finish(kDone);
}

int print_completions(const std::vector<std::string>& words) {
  Output out;
  out.write(completions(words));
  return out.finish(kDone);
}

int no_such_verb(const std::string& name) {
  const std::string_view meant = suggest_verb(name);
  if (name.starts_with('-')) {
    complain(name, "no such option; options go after the command: sockopt run -o nodelay=on nginx");
  } else if (!meant.empty()) {
    complain(name, fmt::format("no such command; did you mean `{}`?", meant));
  } else {
    complain(name, fmt::format("no such command; to start a program: sockopt run {}", name));
  }
  hint("Try: sockopt help");
  return kUsage;
}

int dispatch(std::vector<std::string> words) {
  if (words.empty()) return print_overview();
  const std::string name = words.front();
  words.erase(words.begin());
  if (name == "--help" || name == "-h") return print_overview();
  if (name == "--version" || name == "-V") return print_version();
  if (name == "--complete") return print_completions(words);
  const Verb* verb = find_verb(name);
  return verb == nullptr ? no_such_verb(name) : call(*verb, std::move(words));
}

}  // namespace
}  // namespace sockopt

int main(int argc, char** argv) {
#ifdef SOCKOPT_STATIC
  // What looks users up elsewhere is a library, for the C library of the system that it is on.
  for (const char* database : {"passwd", "group", "initgroups"}) {
    ::__nss_configure_lookup(database, "files");
  }
#endif
  try {
    return sockopt::dispatch({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const std::exception& error) {
    const bool runs = argc > 1 && std::string_view(argv[1]) == "run";
    sockopt::complain(argc > 1 ? argv[1] : "sockopt", error.what());
    return runs ? sockopt::kNotStarted : sockopt::kFault;
  }
}
