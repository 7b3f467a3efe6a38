// SPDX-License-Identifier: MIT
#include "shim/policy/program.h"

#include <fcntl.h>

#include <cstring>

#include "shim/policy/glob.h"
#include "shim/policy/interpreter.h"
#include "shim/system/auxiliary_vector.h"
#include "shim/system/syscalls.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

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

void Program::read_self() {
  const long length =
      system::call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", executable_, sizeof executable_);
  const std::size_t arguments = read_proc("/proc/self/cmdline", arguments_, sizeof arguments_);
  const auto* executed =
      reinterpret_cast<const char*>(system::auxiliary_value(AT_EXECFN).value_or(0));
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
  const std::string_view zeroth = slice(arguments, 0, arguments.find('\0'));
  add(executable);
  add(executed);
  add(zeroth);
  const std::string_view script = script_of(executable, arguments);
  add(script.empty() ? script_of(zeroth, arguments) : script);
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
