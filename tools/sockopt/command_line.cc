// SPDX-License-Identifier: MIT
//
// See command_line.h.
#include "tools/sockopt/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "shim/options/suggestion.h"
#include "tools/sockopt/help.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

// CLI11's words for an option whose value is missing or stands twice, in ours.
std::string value_problem(std::string_view message) {
  const bool missing = message.ends_with("missing");
  return fmt::format("{}: {}", message.substr(0, message.find(':')),
                     missing ? "needs a value" : "given more than once");
}

int refuse(const Verb& verb, std::string_view why) {
  complain(verb.name, why);
  hint(fmt::format("Try: sockopt help {}", verb.name));
  return verb.usage_status;
}

}  // namespace

std::string unknown_argument(const CLI::App& parser, const std::string& argument) {
  if (!argument.starts_with('-')) return fmt::format("unexpected argument `{}`", argument);
  std::vector<std::string> known;
  for (const CLI::Option* option : parser.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string_view meant = nearest(argument.substr(0, argument.find('=')), views);
  if (meant.empty()) return fmt::format("unknown option `{}`", argument);
  return fmt::format("unknown option `{}`; did you mean `{}`?", argument, meant);
}

int call(const Verb& verb, std::vector<std::string> arguments) {
  CLI::App parser;
  parser.set_help_flag("-h,--help", "Say all this");
  const std::function<int()> act = verb.declare(parser);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    parser.parse(std::move(arguments));
    return act();
  } catch (const CLI::CallForHelp&) {
    return print_help(verb, parser);
  } catch (const CLI::ExtrasError&) {
    return refuse(verb, unknown_argument(parser, parser.remaining().front()));
  } catch (const CLI::ArgumentMismatch& error) {
    return refuse(verb, value_problem(error.what()));
  } catch (const CLI::ParseError& error) {
    return refuse(verb, error.what());
  } catch (const UsageError& error) {
    return refuse(verb, error.what());
  }
}

std::vector<std::string> program_and_arguments(const CLI::App& arguments) {
  std::vector<std::string> words = arguments.remaining();
  if (!words.empty() && words.front() == "--") {
    words.erase(words.begin());
  } else if (!words.empty() && words.front().starts_with('-')) {
    throw UsageError(unknown_argument(arguments, words.front()));
  }
  return words;
}

}  // namespace sockopt
