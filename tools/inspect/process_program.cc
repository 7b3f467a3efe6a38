// SPDX-License-Identifier: MIT
#include "tools/inspect/process_program.h"

#include <elf.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string_view>

#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

// Where AT_EXECFN points to; 0 where the vector does not say so in words of this size.
template <typename Word>
std::uint64_t find_executed(std::string_view vector) {
  std::uint64_t address = 0;
  while (vector.size() >= 2 * sizeof(Word)) {
    Word entry[2];
    std::memcpy(entry, vector.data(), sizeof entry);
    vector.remove_prefix(sizeof entry);
    // The vector ends with AT_NULL, and that is how words of another size are told.
    if (entry[0] == AT_NULL) return entry[1] == 0 ? address : 0;
    if (entry[0] == AT_EXECFN) address = entry[1];
  }
  return 0;
}

// The text there, as far as it goes: it stands at the end of the stack, before unmapped pages.
std::string read_text(pid_t pid, std::uint64_t address) {
  constexpr std::size_t kLongest = 4096;
  constexpr std::size_t kPage = 4096;
  std::string text;
  while (text.size() < kLongest) {
    char piece[kPage];
    const std::size_t size = kPage - address % kPage;
    iovec here = {piece, size};
    iovec there = {reinterpret_cast<void*>(address), size};
    const ssize_t got = ::process_vm_readv(pid, &here, 1, &there, 1, 0);
    if (got <= 0) return {};
    const std::string_view read(piece, static_cast<std::size_t>(got));
    text += read.substr(0, read.find('\0'));
    if (read.find('\0') != read.npos) return text;
    address += static_cast<std::uint64_t>(got);
  }
  return {};
}

std::string executed_file(const ForeignProcess& process) {
  const Result<std::string> vector = read_small_file(process.directory(), "auxv");
  if (!vector) return {};
  std::uint64_t address = find_executed<std::uint64_t>(*vector);
  if (address == 0) address = find_executed<std::uint32_t>(*vector);
  if (address == 0) return {};
  std::string text = read_text(process.task(), address);
  // The pid may have been reused between the two: what was read is then another's.
  return process.running() ? text : std::string();
}

// `redis-server *:6379`, which the program wrote over its command line: not what it was started by.
bool is_title(std::string_view arguments, const std::string& executed) {
  const std::string_view zeroth = arguments.substr(0, arguments.find('\0'));
  const bool is_all = arguments.find_first_not_of('\0', zeroth.size()) == arguments.npos;
  return is_all && !executed.empty() && zeroth.find(' ') != zeroth.npos && zeroth != executed;
}

}  // namespace

Result<std::unique_ptr<ProcessProgram>> read_program(const ForeignProcess& process) {
  Result<std::string> executable = read_link(process.directory(), "exe");
  if (!executable) return executable.failure();
  constexpr std::string_view kDeleted = " (deleted)";  // replaced since it was started
  if (executable->ends_with(kDeleted)) executable->erase(executable->size() - kDeleted.size());
  Result<std::string> arguments = read_small_file(process.directory(), "cmdline");
  if (!arguments) return arguments.failure();
  auto read = std::make_unique<ProcessProgram>();
  read->executed = executed_file(process);
  if (is_title(*arguments, read->executed)) *arguments = read->executed + '\0';
  read->program.set(*executable, read->executed, *arguments);
  return read;
}

}  // namespace sockopt
