// SPDX-License-Identifier: MIT
//
// Where a library of ours keeps what it tells readers from outside: its ELF note leads there
// (shim/preload/region.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/inspect/foreign_process.h"
#include "tools/inspect/mappings.h"
#include "tools/inspect/result.h"

namespace sockopt {

struct FoundRegion {
  ForeignMemory memory;
  std::uint64_t address = 0;      ///< of the region; 0: it has none
  std::string library;            ///< path, as the process sees it
  bool library_replaced = false;  ///< that file has been replaced or removed since
};

/// By the type of the note. Nothing: no such library is in the process.
Result<std::optional<FoundRegion>> find_region(const ForeignProcess& process, std::uint32_t note);

}  // namespace sockopt
