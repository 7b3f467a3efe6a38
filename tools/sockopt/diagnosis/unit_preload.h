// SPDX-License-Identifier: MIT
//
// A service that has the library in its environment, and a process of it that has not: what may
// have become of it in between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sockopt {

/// What the unit of a process would give it.
struct UnitPreload {
  std::int64_t changed = 0;  ///< seconds since 1970: of the drop-in
  std::string what{};        ///< what its start line does with LD_PRELOAD; empty: nothing is seen
  std::string fix{};
};

/// By the files of this host; nothing where the service does not have the library. `unit` is a full
/// name.
std::optional<UnitPreload> read_unit_preload(const std::string& unit);

/// Whether the service has the bpf engine attached at each start instead.
bool is_attached_at_start(const std::string& unit);

}  // namespace sockopt
