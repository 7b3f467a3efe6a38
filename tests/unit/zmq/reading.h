// SPDX-License-Identifier: MIT
//
// What a configuration says of ZeroMQ, as a test writes it, and what became of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shim/zmq/policy.h"
#include "shim/zmq/reader.h"
#include "tests/support/configuration.h"

namespace sockopt::test {

class ZmqConfiguration {
 public:
  /// Reads `text` as the file `sockopt.ini`, then the variables.
  explicit ZmqConfiguration(std::string_view text, const std::vector<std::string>& variables = {},
                            zmq::SharedFaults shared = zmq::SharedFaults::kLeftToOthers);

  const zmq::Policy& policy() const { return *policy_; }
  const std::vector<std::string>& faults() const { return faults_.lines(); }

  /// The faults, and then what holds, below its rule and the types that this is for.
  std::string rendered() const;

 private:
  std::unique_ptr<zmq::Policy> policy_ = std::make_unique<zmq::Policy>();
  FaultList faults_;
};

}  // namespace sockopt::test
