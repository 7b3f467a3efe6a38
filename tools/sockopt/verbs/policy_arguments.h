// SPDX-License-Identifier: MIT
//
// What verbs have in common that go by a policy: -c, -o, --enforce and --engine.
#pragma once

#include <cstdint>
#include <string>

#include "tools/sockopt/arguments.h"
#include "tools/sockopt/policy/effective_policy.h"

namespace sockopt {

void declare_policy_sources(Arguments& arguments, PolicySources& sources);

/// For verbs that would else go on without: throws UsageError where -c names a file that cannot be
/// read, or an -o is faulty. What is wrong in a readable file is left to EffectivePolicy.
void require_sources(const PolicySources& sources);

/// What puts a policy onto sockets.
enum class Engine : std::uint8_t {
  kPreload,  ///< the library, inside the process
  kBpf,      ///< programs in the kernel, on a cgroup
};
void declare_engine(Arguments& arguments, std::string& engine, std::string meaning);
/// Throws UsageError for another word.
Engine engine_of(const std::string& word);

/// Says on standard error why the policy is not as it was asked for.
void print_faults(const EffectivePolicy& effective);

}  // namespace sockopt
