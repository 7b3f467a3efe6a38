// SPDX-License-Identifier: MIT
//
// What is logged, and how often: configuration faults at the first TCP socket of the process tree,
// a refused setting once per option, everything else only at its log level.
#pragma once

#include <cstdint>

#include "shim/policy/policy.h"
#include "shim/preload/faults.h"
#include "shim/preload/region.h"
#include "shim/preload/stderr_log.h"
#include "shim/sockets/apply.h"
#include "shim/sockets/descriptors.h"

namespace sockopt {

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
  void begin_line(int fd, const Setting& setting, Text& out) const;
  void end_line(int fd, const Setting& setting, Text& out) const;

  const Policy& policy_;
  const Faults& faults_;
  Descriptors descriptors_;
  SharedState* shared_;
  StderrLog log_;
};

}  // namespace sockopt
