// SPDX-License-Identifier: MIT
//
// `sockopt explain --zmq TYPE`: what a ZeroMQ socket of a type gets, from where, and in place of
// what.
#pragma once

#include <string>

#include "shim/policy/program.h"
#include "tools/sockopt/policy/effective_policy.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

/// Its number; throws UsageError for a word that is none.
int zmq_type_of(const std::string& word);

/// Null: of any program.
void print_zmq_explanation(Output& out, const EffectivePolicy& effective, int type,
                           const Program* program);
std::string zmq_explanation_json(const EffectivePolicy& effective, int type,
                                 const Program* program);

}  // namespace sockopt
