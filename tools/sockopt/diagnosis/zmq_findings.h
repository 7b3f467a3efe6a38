// SPDX-License-Identifier: MIT
//
// Whether libsockopt-zmq.so is where ZeroMQ's options are configured.
#pragma once

#include "shim/policy/program.h"
#include "shim/zmq/policy.h"
#include "tools/inspect/foreign_process.h"
#include "tools/sockopt/diagnosis/reach.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

Findings examine_zmq_of_process(const ForeignProcess& process, const zmq::Policy& policy,
                                const Program& program, const ReachFacts& facts);
Findings examine_zmq_of_program(const zmq::Policy& policy, const Program& program);
Findings examine_zmq_of_host(const zmq::Policy& policy);

}  // namespace sockopt
