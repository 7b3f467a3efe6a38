// SPDX-License-Identifier: MIT
//
// examine_service_zmq: ZeroMQ's options take a library of their own.
#include <fmt/format.h>

#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/policy/zmq_policy.h"

namespace sockopt {

Findings examine_service_zmq(const ServiceSubject& subject, const ServicePolicy& policy) {
  const ServiceVariable* const preload = subject.environment.find("LD_PRELOAD");
  if (zmq_settings_in_force(policy.zmq()) == 0 || preload == nullptr ||
      names_zmq_library(preload->value)) {
    return {};
  }
  if (!subject.files.status(zmq_library_beside(subject.library))) return {zmq_library_missing()};
  return {Finding::warning("zmq",
                           fmt::format("LD_PRELOAD is without {}: what is configured for ZeroMQ's "
                                       "sockets is not set",
                                       kZmqLibrary),
                           enable_command(subject.files, {subject.unit.name}))};
}

}  // namespace sockopt
