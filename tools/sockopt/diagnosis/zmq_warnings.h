// SPDX-License-Identifier: MIT
//
// Settings of ZeroMQ's options that are allowed and yet hurt, as warnings.h has it for TCP's.
#pragma once

#include "shim/zmq/policy.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// Each once, at the line of the setting; with a program, those of its rules only.
Findings find_zmq_warnings(const zmq::Policy& policy, const Program* program = nullptr);

}  // namespace sockopt
