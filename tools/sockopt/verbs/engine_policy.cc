// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/engine_policy.h"

#include "tools/sockopt/bpf/engine_outlook.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {

std::unique_ptr<EffectivePolicy> engine_policy(std::string_view verb,
                                               const PolicySources& sources) {
  if (sources.options_only && !sources.configuration.empty()) {
    throw UsageError("--no-file and --config exclude each other");
  }
  require_sources(sources);
  auto effective = std::make_unique<EffectivePolicy>(sources);
  print_faults(*effective);
  if (!effective->faults().empty()) {
    hint("sockopt: nothing was attached");
    return nullptr;
  }
  const Policy& policy = effective->policy();
  const bool has_zmq = zmq_settings_in_force(effective->zmq()) != 0;
  if (has_zmq) warn(verb, left_to_zmq_library().sentence());
  if (policy.empty()) {
    throw UsageError(has_zmq
                         ? "no settings for TCP sockets"
                         : "no settings: no file, no -o and no SOCKOPT_ variable sets an option");
  }
  const KernelVersion kernel = KernelVersion::running();
  Findings limits = engine_findings(policy, kernel);
  append(limits, engine_name_limits(policy));
  for (const Finding& finding : limits) warn(verb, finding.sentence());
  if (engine_options(policy, kernel).empty() && watch_options(policy, kernel).empty()) {
    complain(verb, "nothing of this policy can be set by the bpf engine; nothing was attached");
    return nullptr;
  }
  return effective;
}

}  // namespace sockopt
