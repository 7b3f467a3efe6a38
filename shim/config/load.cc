// SPDX-License-Identifier: MIT
#include "shim/config/load.h"

#include "shim/config/environment.h"
#include "shim/config/reader.h"

namespace sockopt {

void load_policy(const Surroundings& surroundings, LoadBuffers& buffers, Policy& policy,
                 FaultSink faults) {
  const auto read = [&](std::string_view text, std::string_view path) {
    read_configuration(text, path, policy, faults);
  };
  ConfigurationFiles(surroundings, buffers, read, faults).read_all();
  if (surroundings.environment) read_environment(surroundings.environment, policy, faults);
}

}  // namespace sockopt
