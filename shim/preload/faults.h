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

/// The lines of faults: apart, since most configurations have none.
struct FaultLines {
  static constexpr std::size_t kMost = 16;

  char text[kMost][512];
  std::uint16_t sizes[kMost];
};

/// The faults found at start, as lines, until they may be printed.
class Faults {
 public:
  explicit Faults(FaultLines& lines) : lines_(lines) {}

  FaultSink sink() { return {&Faults::take, this, &Faults::has_room}; }
  std::uint32_t count() const { return count_; }
  void write_all(const StderrLog& log) const;

 private:
  static void take(void* self, const Fault& fault);
  static bool has_room(void* self) {
    return static_cast<Faults*>(self)->count_ < FaultLines::kMost;
  }

  FaultLines& lines_;
  std::uint32_t count_ = 0;
};

}  // namespace sockopt
