// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/policy_arguments.h"

#include <fmt/format.h>

#include <utility>

#include "tools/sockopt/report/output.h"

namespace sockopt {

void declare_policy_sources(Arguments& arguments, PolicySources& sources) {
  arguments.option("-c,--config", "FILE", sources.configuration, "The configuration to use");
  arguments.option("-o,--option", sources.takes_zmq ? "[zmq.]KEY=VALUE" : "KEY=VALUE",
                   sources.options, "One setting; wins over the file");
  arguments.flag("--enforce", sources.enforces,
                 "Let -o and the SOCKOPT_ variables win over the program's own calls");
}

void declare_engine(Arguments& arguments, std::string& engine, std::string meaning) {
  arguments.option("--engine", "preload|bpf", engine, std::move(meaning));
}

Engine engine_of(const std::string& word) {
  if (word.empty() || word == "preload") return Engine::kPreload;
  if (word == "bpf") return Engine::kBpf;
  throw UsageError(fmt::format("--engine {}: takes preload or bpf", printable(word, 80)));
}

void require_sources(const PolicySources& sources) {
  const Findings faults = faults_of(sources);
  if (faults.empty()) return;
  for (std::size_t i = 0; i + 1 < faults.size(); ++i) hint("sockopt: " + faults[i].placed());
  throw UsageError(faults.back().placed());
}

void print_faults(const EffectivePolicy& effective) {
  for (const Finding& fault : effective.faults()) hint("sockopt: " + fault.placed());
}

}  // namespace sockopt
