// SPDX-License-Identifier: MIT
#include "shim/policy/program.h"

#include <fcntl.h>
#include <sys/auxv.h>

#include <cstring>

#include "shim/policy/glob.h"
#include "shim/system/calls.h"
#include "shim/text/fixed_text.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

struct Interpreter {
  FixedText<12> pattern;     ///< of its base name
  FixedText<4> takes_value;  ///< short options whose value is the next argument
  bool runs_modules;         ///< -m NAME
  bool needs_jar;            ///< only -jar names a file
};

constexpr Interpreter kInterpreters[] = {
    {"python*", "WX", true, false}, {"pypy*", "WX", true, false}, {"perl*", "", false, false},
    {"ruby*", "rI", false, false},  {"node*", "r", false, false}, {"php*", "dcf", false, false},
    {"sh", "o", false, false},      {"bash", "oO", false, false}, {"dash", "o", false, false},
    {"java", "", false, true}};

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

std::string_view copy(std::string_view text, char* buffer, std::size_t size) {
  const std::string_view cut = slice(text, 0, size);
  if (!cut.empty()) std::memcpy(buffer, cut.data(), cut.size());
  return {buffer, cut.size()};
}

std::size_t read_proc(const char* path, char* buffer, std::size_t size) {
  const int fd = system::open_file(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const long count = system::read_some(fd, buffer, size);
  system::close_file(fd);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

}  // namespace

std::string_view script_of(std::string_view interpreter, std::string_view arguments) {
  const Interpreter* known = find_interpreter(interpreter);
  if (known == nullptr) return {};
  next_argument(arguments);
  while (!arguments.empty()) {
    const std::string_view argument = next_argument(arguments);
    if (known->needs_jar) {
      if (argument == "-jar") return next_argument(arguments);
      continue;
    }
    if (!argument.starts_with('-')) return argument;
    if (argument == "--" || argument == "-f") return next_argument(arguments);
    if (known->runs_modules && argument == "-m") return next_argument(arguments);
    // A program text in the place of a script: python -c, perl -e, node -e, php -r, sh -c.
    if (argument == "-c" || argument == "-e" || argument == "-E") return {};
    if (argument.size() == 2 &&
        known->takes_value.view().find(argument[1]) != std::string_view::npos) {
      next_argument(arguments);
    }
  }
  return {};
}

void Program::read_self() {
  const long length =
      system::call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", executable_, sizeof executable_);
  const std::size_t arguments = read_proc("/proc/self/cmdline", arguments_, sizeof arguments_);
  const auto* executed = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  set({executable_, length < 0 ? 0 : static_cast<std::size_t>(length)},
      executed != nullptr ? std::string_view(executed) : std::string_view(),
      {arguments_, arguments});
}

void Program::set(std::string_view executable, std::string_view executed,
                  std::string_view arguments) {
  count_ = 0;
  if (executable.data() != executable_) {
    executable = copy(executable, executable_, sizeof executable_);
  }
  if (arguments.data() != arguments_) arguments = copy(arguments, arguments_, sizeof arguments_);
  std::string_view rest = arguments;
  const std::string_view zeroth = next_argument(rest);
  add(executable);
  add(executed);
  add(zeroth);
  add(script_of(find_interpreter(executable) != nullptr ? executable : zeroth, arguments));
}

bool Program::matches(std::string_view pattern) const {
  const bool whole = pattern.find('/') != std::string_view::npos;
  for (std::size_t i = 0; i < count_; ++i) {
    if (glob_matches(pattern, whole ? names_[i] : base_name(names_[i]))) return true;
  }
  return false;
}

std::string_view Program::name() const { return count_ == 0 ? std::string_view() : names_[0]; }

void Program::add(std::string_view path) {
  if (!path.empty()) names_[count_++] = path;
}

}  // namespace sockopt
