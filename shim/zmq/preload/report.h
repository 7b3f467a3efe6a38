// SPDX-License-Identifier: MIT
//
// What is logged about ZeroMQ's sockets, and how often: as shim/preload/report.h has it for TCP's.
#pragma once

#include <string_view>

#include "shim/preload/faults.h"
#include "shim/preload/region.h"
#include "shim/preload/stderr_log.h"
#include "shim/zmq/policy.h"
#include "shim/zmq/preload/libzmq.h"

namespace sockopt::zmq {

class Report {
 public:
  /// If `shared` is null, each process reports for itself.
  Report(const Policy& policy, const Faults& faults, SharedState* shared);

  /// The configuration's faults, at the first socket of the process tree; and that there is one.
  void on_socket(int type) const;
  void on_applied(int type, const Setting& setting) const;
  /// Once per option and process tree. `error` is errno as zmq_setsockopt left it.
  void on_refused(const Libzmq& libzmq, int type, const Setting& setting, int error) const;
  void on_replaced(int type, const Setting& setting) const;

 private:
  bool says(LogLevel level) const { return policy_.log_level() >= level; }
  bool may_write() const;
  void write(const Text& line) const;
  void write_setting(int type, const Setting& setting, std::string_view outcome) const;

  const Policy& policy_;
  const Faults& faults_;
  SharedState* shared_;
  long filters_ = 0;  // as prctl(PR_GET_SECCOMP) told at the start
  StderrLog log_;
};

}  // namespace sockopt::zmq
