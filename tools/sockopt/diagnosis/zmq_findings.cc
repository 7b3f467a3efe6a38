// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/zmq_findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "shim/text/text.h"
#include "tools/inspect/mappings.h"
#include "tools/inspect/zmq_sockets.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

constexpr char kTopic[] = "zmq";

// A wheel of Python's calls it libzmq-<hash>.so.5.
bool has_libzmq(const ForeignProcess& process) {
  const auto mappings = read_mappings(process);
  return mappings && std::any_of(mappings->begin(), mappings->end(), [](const Mapping& one) {
           return base_name(one.path).starts_with("libzmq");
         });
}

}  // namespace

Findings examine_zmq_of_process(const ForeignProcess& process, const zmq::Policy& policy,
                                const Program& program, const ReachFacts& facts) {
  const auto held = read_zmq_sockets(process);
  if (!held) return {};  // said of the process as a whole
  if (*held && (*held)->idle) {
    return {Finding::note(
        kTopic, fmt::format("{} is loaded, and does nothing: SOCKOPT_DISABLE was set when it "
                            "started",
                            (*held)->library))};
  }
  if (*held) {
    return {Finding::ok(kTopic, fmt::format("{} is loaded: {}, {}", (*held)->library,
                                            counted((*held)->settings, "setting"),
                                            counted((*held)->sockets.size(), "ZeroMQ socket")))};
  }
  if (!concerns_zmq_of(policy, program) || !has_libzmq(process)) return {};
  const bool is_of_image = facts.container == Container::kPod ||
                           facts.container == Container::kDocker ||
                           facts.container == Container::kPodman;
  return {Finding::warning(
      kTopic,
      fmt::format("it uses libzmq, and {} is not loaded: what is configured for its ZeroMQ sockets "
                  "is not set",
                  kZmqLibrary),
      is_of_image ? fmt::format("add {} to its LD_PRELOAD, behind libsockopt.so; then: {}",
                                kZmqLibrary, restart(facts))
                  : restart_with_library(facts))};
}

Findings examine_zmq_of_program(const zmq::Policy& policy, const Program& program) {
  const std::size_t settings = zmq_settings_in_force(
      policy, [&](const Rule& rule) { return policy.matches_program(rule, program); });
  if (settings == 0) return {};
  if (find_zmq_library().empty()) return {zmq_library_missing()};
  return {Finding::ok(kTopic, fmt::format("{} for its ZeroMQ sockets; `sockopt run` adds {}",
                                          counted(settings, "setting"), kZmqLibrary))};
}

Findings examine_zmq_of_host(const zmq::Policy& policy) {
  if (zmq_settings_in_force(policy) == 0 || !find_zmq_library().empty()) return {};
  return {zmq_library_missing()};
}

}  // namespace sockopt
