// SPDX-License-Identifier: MIT
#include "tools/sockopt/command_line.h"

#include <utility>

#include "tools/sockopt/help.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

int call(const Verb& verb, std::vector<std::string> words) {
  Arguments arguments;
  const std::function<int()> act = verb.declare(arguments);
  try {
    return arguments.parse(std::move(words)) ? act() : print_help(verb, arguments);
  } catch (const UsageError& error) {
    complain(verb.name, error.what());
    hint(fmt::format("Try: sockopt help {}", verb.name));
    return verb.usage_status;
  }
}

}  // namespace sockopt
