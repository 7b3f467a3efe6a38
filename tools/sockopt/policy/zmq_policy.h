// SPDX-License-Identifier: MIT
//
// The policy for ZeroMQ's sockets as people read it, and whom it concerns.
#pragma once

#include <functional>
#include <string>

#include "shim/policy/program.h"
#include "shim/zmq/policy.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// `5s`, `-1`, `default`.
std::string zmq_value_text(const zmq::Policy& policy, const Setting& setting);
/// `sockopt.ini:12 [web]`, `SOCKOPT_ZMQ_LINGER`, `-o zmq.linger`.
std::string zmq_origin_text(const zmq::Policy& policy, const Setting& setting);
/// `0ms..2147483647ms or -1`
std::string zmq_range_text(OptionId row);
std::string zmq_variable_text(OptionId row);

/// How many settings are in force, in the rules that count; null: in all.
std::size_t zmq_settings_in_force(const zmq::Policy& policy,
                                  const std::function<bool(const Rule&)>& counts = {});
/// What else than that library puts a policy onto sockets says of a configuration that has some.
Finding left_to_zmq_library();
/// What is said where that library is not installed.
Finding zmq_library_missing();
/// Whether any is for this program.
bool concerns_zmq_of(const zmq::Policy& policy, const Program& program);

}  // namespace sockopt
