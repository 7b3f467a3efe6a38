// SPDX-License-Identifier: MIT
//
// What is logged, and how often: configuration faults at the first TCP socket of the process tree,
// a refused setting once per option, everything else only at its log level.
#pragma once

#include <atomic>
#include <cstdint>

#include "shim/config/fault.h"
#include "shim/policy/policy.h"
#include "shim/preload/region.h"
#include "shim/preload/stderr_log.h"
#include "shim/sockets/apply.h"
#include "shim/sockets/descriptors.h"

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

class Report {
 public:
  /// If `shared` is null, each process reports for itself.
  Report(const Policy& policy, const Faults& faults, const Descriptors& descriptors,
         SharedState* shared);

  Observer observer();

 private:
  static void on_socket_seen(void* self);
  static void on_applied(void* self, int fd, const Setting& setting);
  static void on_refused(void* self, int fd, const Setting& setting, int error);
  static void on_replaced(void* self, int fd, const Setting& setting, const void* value,
                          socklen_t length);
  static void on_backlog(void* self, int fd, const Setting& setting, int asked);

  bool says(LogLevel level) const { return policy_.log_level() >= level; }
  void describe(const Setting& setting, Text& out) const;
  void begin_line(int fd, const Setting& setting, Text& out) const;
  void end_line(int fd, const Setting& setting, Text& out) const;

  const Policy& policy_;
  const Faults& faults_;
  Descriptors descriptors_;
  SharedState* shared_;
  StderrLog log_;
};

}  // namespace sockopt
