// SPDX-License-Identifier: MIT
//
// What a process has mapped, from /proc/PID/maps, and reading it there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/inspect/foreign_process.h"
#include "tools/inspect/result.h"

namespace sockopt {

struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;  ///< in the file
  std::string path;          ///< as the process's mount namespace has it; empty for memory
  bool deleted = false;      ///< the file has been replaced or removed since
};

/// Reads the text of /proc/PID/maps; what is no line of it is passed over.
std::vector<Mapping> parse_mappings(std::string_view text);

Result<std::vector<Mapping>> read_mappings(const ForeignProcess& process);

/// The memory of a process. It names the process that it was opened for, not its number's next.
class ForeignMemory {
 public:
  static Result<ForeignMemory> open(const ForeignProcess& process);

  /// Whether all `size` bytes could be read.
  bool read(std::uint64_t address, void* into, std::size_t size) const;

 private:
  explicit ForeignMemory(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

}  // namespace sockopt
