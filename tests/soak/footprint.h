// SPDX-License-Identifier: MIT
//
// What a server takes of the system: if that grows with the number of connections that it had,
// something is lost with each.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ostream>

namespace sockopt::test {

// Of a process and all its descendants together.
struct Footprint {
  int processes = 0;
  int threads = 0;
  int descriptors = 0;
  int mappings = 0;
  std::int64_t resident = 0;  // kB of memory that is the processes' own

  friend std::ostream& operator<<(std::ostream& out, const Footprint& footprint);
};

// What has ended meanwhile is not counted.
Footprint footprint(pid_t root);

}  // namespace sockopt::test
