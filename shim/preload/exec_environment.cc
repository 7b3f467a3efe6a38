// SPDX-License-Identifier: MIT
#include "shim/preload/exec_environment.h"

#include <fcntl.h>

#include "shim/options/number.h"
#include "shim/system/memory.h"
#include "shim/system/syscalls.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

// proc_pid_stat(5): the numbers of the fields, from 1.
constexpr int kState = 3;  // the first behind the program's name, which may hold anything
constexpr int kEnvironmentBegin = 50;
constexpr int kEnvironmentEnd = 51;

const char* pointer_in(std::string_view field) {
  const NumberText number = read_integer(field);
  if (number.problem != NumberProblem::kNone) return nullptr;
  return reinterpret_cast<const char*>(static_cast<std::uintptr_t>(number.number));
}

}  // namespace

EnvironmentView exec_environment() {
  char buffer[1024];
  const int fd = system::open_file("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const long size = system::read_some(fd, buffer, sizeof buffer);
  system::close_file(fd);
  if (size <= 0) return {};
  std::string_view rest(buffer, static_cast<std::size_t>(size));
  rest = slice(rest, rest.rfind(')') + 2);
  const char* begin = nullptr;
  for (int field = kState; field <= kEnvironmentEnd; ++field) {
    const std::size_t space = rest.find(' ');
    const char* pointer = pointer_in(slice(rest, 0, space));
    if (field == kEnvironmentBegin) begin = pointer;
    if (field == kEnvironmentEnd && system::is_plausible(begin) && begin < pointer) {
      return EnvironmentView(begin, pointer);
    }
    rest = slice(rest, space == std::string_view::npos ? space : space + 1);
  }
  return {};
}

}  // namespace sockopt
