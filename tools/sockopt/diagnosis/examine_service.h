// SPDX-License-Identifier: MIT
//
// What keeps the library, or a configuration, from the processes of a service: its environment, its
// sandbox, its user, and the programs that it starts. All of it known before anything is started.
#pragma once

#include "tools/sockopt/report/finding.h"
#include "tools/sockopt/units/service_policy.h"
#include "tools/sockopt/units/subject.h"

namespace sockopt {

/// All of these.
Findings examine_service(const ServiceSubject& subject, const ServicePolicy& policy);

/// The same where the bpf engine takes the library's place.
Findings examine_service_engine(const ServiceSubject& subject, const ServicePolicy& policy);
/// Whether that is so.
bool is_attached_at_start(const SystemdUnit& unit);

/// Who has the last word on LD_PRELOAD and the SOCKOPT_ variables.
Findings examine_service_environment(const ServiceSubject& subject, const ServicePolicy& policy);

/// Files that the service cannot see or map, and calls that it must not make.
Findings examine_service_sandbox(const ServiceSubject& subject,
                                 const std::vector<std::string>& configurations);

/// A profile of AppArmor that keeps the files from it.
Findings examine_service_confinement(const ServiceSubject& subject,
                                     const std::vector<std::string>& configurations);

/// Whether its user may read the library and the configuration, and set what needs a privilege.
Findings examine_service_user(const ServiceSubject& subject, const ServicePolicy& policy);

/// What cannot reach a service that is given connections, for the listener is systemd's.
Findings examine_service_connections(const ServiceSubject& subject, const ServicePolicy& policy);

/// Whether the library for ZeroMQ's sockets is there where they are configured.
Findings examine_service_zmq(const ServiceSubject& subject, const ServicePolicy& policy);

/// Programs that do not load the library, or do not hand it on.
Findings examine_service_programs(const ServiceSubject& subject);

}  // namespace sockopt
