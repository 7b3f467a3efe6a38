// SPDX-License-Identifier: MIT
//
// What a policy loses under the bpf engine, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shim/options/option_set.h"
#include "shim/policy/plan.h"
#include "shim/policy/program.h"
#include "tools/sockopt/bpf/compile_policy.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// A warning for each reason why the engine leaves out what the policy has.
Findings engine_findings(const Policy& policy, KernelVersion kernel);

/// What the programs in the kernel know a process by, whose /proc/PID/exe is a link to `path`.
std::string executable_name(std::string_view path);

/// Why a program was not loaded, in a few words of the verifier's, or else libbpf's last ones.
/// `messages` is all that libbpf printed.
std::string load_failure(std::string_view messages);

/// Whether `sockopt watch` makes a setting on listeners or on connections, as the engine cannot.
bool is_left_to_watch(const Policy& policy, const Setting& setting, KernelVersion kernel,
                      Side side);
OptionSet options_left_to_watch(const Policy& policy, KernelVersion kernel, Side side,
                                const Program* program = nullptr);

/// The keys of the options of which that is so, in the order of the table; for one program, if
/// given.
std::vector<std::string> watch_options(const Policy& policy, KernelVersion kernel,
                                       const Program* program = nullptr);

/// The keys of the options that it sets, in the order of the table, those that it only holds the
/// program to among them; for one program, if given.
std::vector<std::string> engine_options(const Policy& policy, KernelVersion kernel,
                                        const Program* program = nullptr);

}  // namespace sockopt
