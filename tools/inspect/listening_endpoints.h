// SPDX-License-Identifier: MIT
//
// What is listened on in the network namespace of a process, by whomever. It tells connections that
// came in from those that were made: their listener may be a process's that nobody asked about.
#pragma once

#include <string_view>
#include <vector>

#include "tools/inspect/endpoint.h"
#include "tools/inspect/foreign_process.h"

namespace sockopt {

/// Empty where nothing tells.
std::vector<Endpoint> listening_endpoints(const ForeignProcess& process);

/// The same from /proc, which needs no more than to look into the process. Link-local addresses
/// are without their interface.
std::vector<Endpoint> listed_endpoints(const ForeignProcess& process);

/// Of a line of /proc/PID/net/tcp or tcp6; AF_UNSPEC where it is not about a listener.
Endpoint parse_listening(std::string_view line);

}  // namespace sockopt
