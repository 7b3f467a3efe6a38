// SPDX-License-Identifier: MIT
#include "shim/zmq/load.h"

#include "shim/zmq/environment.h"

namespace sockopt::zmq {

void load_policy(const Surroundings& surroundings, LoadBuffers& buffers, Policy& policy,
                 FaultSink faults, SharedFaults shared) {
  const auto read = [&](std::string_view text, std::string_view path) {
    read_configuration(text, path, policy, faults, shared);
  };
  const FaultSink of_files = shared == SharedFaults::kReported ? faults : FaultSink{};
  ConfigurationFiles(surroundings, buffers, read, of_files).read_all();
  if (surroundings.environment) read_environment(surroundings.environment, policy, faults);
}

}  // namespace sockopt::zmq
