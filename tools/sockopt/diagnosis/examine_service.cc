// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/examine_service.h"

#include "tools/sockopt/policy/zmq_policy.h"

namespace sockopt {

Findings examine_service(const ServiceSubject& subject, const ServicePolicy& policy) {
  Findings found = examine_service_environment(subject, policy);
  append(found, examine_service_programs(subject));
  append(found, examine_service_sandbox(subject, policy.files()));
  append(found, examine_service_confinement(subject, policy.files()));
  append(found, examine_service_user(subject, policy));
  append(found, examine_service_connections(subject, policy));
  append(found, examine_service_zmq(subject, policy));
  const bool is_empty = policy.policy().empty() && zmq_settings_in_force(policy.zmq()) == 0;
  if (is_empty && policy.faults().empty()) {
    found.push_back(
        Finding::warning("settings", "no file and no SOCKOPT_ variable sets an option",
                         "add settings to " + subject.files.outside(SOCKOPT_DEFAULT_CONFIG)));
  }
  return found;
}

}  // namespace sockopt
