// SPDX-License-Identifier: MIT
#include "shim/policy/interpreter.h"

#include "shim/policy/glob.h"
#include "shim/text/fixed_text.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

// How an interpreter reads its command line before the script: letters of short options.  In a
// cluster such as -ec each letter counts, up to one that takes the rest as its value.
struct Interpreter {
  FixedText<8> pattern;  ///< of its base name
  FixedText<6> value;    ///< the value is the rest of the argument, or else the next one
  FixedText<10> rest;    ///< the value is the rest of the argument
  FixedText<6> code;     ///< a program text: there is no script
  FixedText<3> script;   ///< the script, or module, is the rest of the argument or the next one
  bool long_values;      ///< --name VALUE, save for those without one that are common
};

constexpr Interpreter kInterpreters[] = {
    {"python*", "WX", "", "c", "m", false},
    {"pypy*", "WX", "", "c", "m", false},
    {"perl*", "I", "CDFMilmx0", "eE", "", false},
    {"ruby*", "CEIrx", "FKTW0i", "e", "", false},
    {"node*", "Cr", "", "ep", "", true},
    {"php*", "cdztS", "", "rBER", "fF", false},
    {"sh", "o", "", "c", "", false},
    {"dash", "o", "", "c", "", false},
    {"bash", "oO", "", "c", "", true},
    {"lua*", "elj", "O", "", "", false},
};

// Long options of node and bash whose value is the next argument.
constexpr FixedText<24> kLongWithValue[] = {
    "--require",    "--import", "--loader",   "--experimental-loader",
    "--conditions", "--rcfile", "--init-file"};

bool has(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

const Interpreter* find_interpreter(std::string_view path) {
  for (const Interpreter& interpreter : kInterpreters) {
    if (glob_matches(interpreter.pattern, base_name(path))) return &interpreter;
  }
  return nullptr;
}

// The first argument; `arguments` is moved past it.
std::string_view next_argument(std::string_view& arguments) {
  const std::size_t end = arguments.find('\0');
  const std::string_view argument = slice(arguments, 0, end);
  arguments.remove_prefix(end == std::string_view::npos ? arguments.size() : end + 1);
  return argument;
}

// Interpreters whose options are words: `java -cp PATH Main`, `deno run --config FILE main.ts`.
struct WordInterpreter {
  FixedText<8> name;
  FixedText<6> commands[2];  ///< what may stand before the script
};
constexpr WordInterpreter kWordInterpreters[] = {{"java", {"", ""}},
                                                 {"dotnet", {"exec", ""}},
                                                 {"deno", {"run", "serve"}},
                                                 {"bun", {"run", ""}},
                                                 {"mono", {"", ""}}};

// Words that take the next one for themselves.
struct WordOption {
  FixedText<8> interpreter;
  FixedText<24> word;
  enum : std::uint8_t { kValue, kScript, kCode } next;
};
constexpr WordOption kWordOptions[] = {
    {"java", "-jar", WordOption::kScript},
    {"java", "-m", WordOption::kScript},
    {"java", "--module", WordOption::kScript},
    {"java", "-cp", WordOption::kValue},
    {"java", "-classpath", WordOption::kValue},
    {"java", "--class-path", WordOption::kValue},
    {"java", "-p", WordOption::kValue},
    {"java", "--module-path", WordOption::kValue},
    {"java", "--upgrade-module-path", WordOption::kValue},
    {"java", "--add-modules", WordOption::kValue},
    {"java", "--limit-modules", WordOption::kValue},
    {"java", "--add-reads", WordOption::kValue},
    {"java", "--add-exports", WordOption::kValue},
    {"java", "--add-opens", WordOption::kValue},
    {"java", "--patch-module", WordOption::kValue},
    {"java", "--source", WordOption::kValue},
    {"dotnet", "--additionalprobingpath", WordOption::kValue},
    {"dotnet", "--additional-deps", WordOption::kValue},
    {"dotnet", "--depsfile", WordOption::kValue},
    {"dotnet", "--runtimeconfig", WordOption::kValue},
    {"dotnet", "--fx-version", WordOption::kValue},
    {"dotnet", "--roll-forward", WordOption::kValue},
    {"deno", "-c", WordOption::kValue},
    {"deno", "--config", WordOption::kValue},
    {"deno", "--import-map", WordOption::kValue},
    {"deno", "--cert", WordOption::kValue},
    {"deno", "--location", WordOption::kValue},
    {"deno", "-L", WordOption::kValue},
    {"deno", "--log-level", WordOption::kValue},
    {"deno", "--port", WordOption::kValue},
    {"deno", "--host", WordOption::kValue},
    {"bun", "-r", WordOption::kValue},
    {"bun", "--preload", WordOption::kValue},
    {"bun", "--cwd", WordOption::kValue},
    {"bun", "-e", WordOption::kCode},
    {"bun", "--eval", WordOption::kCode},
    {"bun", "-p", WordOption::kCode},
    {"bun", "--print", WordOption::kCode},
    {"mono", "--config", WordOption::kValue},
};

std::string_view script_among_words(const WordInterpreter& interpreter,
                                    std::string_view arguments) {
  for (bool is_first = true; !arguments.empty(); is_first = false) {
    const std::string_view argument = next_argument(arguments);
    const bool is_command =
        is_first && !argument.empty() &&
        (interpreter.commands[0] == argument || interpreter.commands[1] == argument);
    const bool is_list = argument.starts_with('@') && interpreter.name == "java";
    if (is_command || is_list) continue;
    if (argument == "--") return next_argument(arguments);
    if (!argument.starts_with('-')) return argument;
    for (const WordOption& option : kWordOptions) {
      if (!(option.word == argument) || !(option.interpreter == interpreter.name)) continue;
      if (option.next == WordOption::kCode) return {};
      const std::string_view next = next_argument(arguments);
      if (option.next == WordOption::kScript) return next;
    }
  }
  return {};
}

}  // namespace

std::string_view script_of(std::string_view interpreter, std::string_view arguments) {
  next_argument(arguments);
  for (const WordInterpreter& known : kWordInterpreters) {
    if (known.name == base_name(interpreter)) return script_among_words(known, arguments);
  }
  const Interpreter* known = find_interpreter(interpreter);
  if (known == nullptr) return {};
  while (!arguments.empty()) {
    const std::string_view argument = next_argument(arguments);
    if (argument == "--") return next_argument(arguments);
    if (argument.starts_with("--")) {
      if (argument == "--eval" || argument == "--print") return {};
      for (const auto& option : kLongWithValue) {
        if (known->long_values && option == argument) next_argument(arguments);
      }
      continue;
    }
    if (!argument.starts_with('-')) return argument;
    if (argument == "-") return {};  // the script comes from standard input
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const char letter = argument[i];
      const std::string_view rest = slice(argument, i + 1);
      if (has(known->code, letter)) return {};
      if (has(known->script, letter)) return rest.empty() ? next_argument(arguments) : rest;
      if (has(known->value, letter) && rest.empty()) next_argument(arguments);
      if (has(known->value, letter) || has(known->rest, letter)) break;
    }
  }
  return {};
}

}  // namespace sockopt
