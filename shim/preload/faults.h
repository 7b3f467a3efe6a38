// SPDX-License-Identifier: MIT
//
// What was wrong with the configuration: kept from the start, when nothing is printed, until the
// first socket.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shim/config/fault.h"
#include "shim/preload/stderr_log.h"

namespace sockopt {

/// The faults found at start, as lines, until they may be printed.
class Faults {
 public:
  FaultSink sink() { return {&Faults::take, this, &Faults::has_room}; }
  std::uint32_t count() const { return count_; }
  void write_all(const StderrLog& log) const;

 private:
  static constexpr std::size_t kMostLines = 16;
  static constexpr std::size_t kLongestLine = 512;

  static void take(void* self, const Fault& fault);
  static bool has_room(void* self) { return static_cast<Faults*>(self)->count_ < kMostLines; }

  char lines_[kMostLines][kLongestLine];
  std::uint16_t sizes_[kMostLines];
  std::uint32_t count_ = 0;  // last: nothing else is touched where there are none
};

}  // namespace sockopt
