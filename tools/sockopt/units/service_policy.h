// SPDX-License-Identifier: MIT
//
// The policy that the processes of a service will have: the files and variables of its environment
// and of the tree that it is in, read by the library's own code.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shim/policy/policy.h"
#include "shim/zmq/policy.h"
#include "tools/sockopt/report/finding.h"
#include "tools/sockopt/units/subject.h"

namespace sockopt {

class ServicePolicy {
 public:
  /// `configuration` takes the place of the file that its SOCKOPT_CONFIG names.
  explicit ServicePolicy(const ServiceSubject& subject, const std::string& configuration = {});

  const Policy& policy() const { return *policy_; }
  /// That for ZeroMQ's sockets.
  const zmq::Policy& zmq() const { return *zmq_; }
  /// The files that are there to be read, as the service sees them.
  const std::vector<std::string>& files() const { return files_; }
  /// What the file holds that a fault names, from outside; null: it could not be read.
  const std::string* text_of(const std::string& outside) const;
  /// The file of SOCKOPT_CONFIG, which stands for all others; empty: none was named.
  const std::string& named_file() const { return named_; }
  /// Every reason why the policy is not as it was asked for.
  const Findings& faults() const { return faults_; }

 private:
  std::unique_ptr<Policy> policy_ = std::make_unique<Policy>();
  std::unique_ptr<zmq::Policy> zmq_ = std::make_unique<zmq::Policy>();
  std::vector<std::string> files_;
  std::map<std::string, std::string> texts_;  // by their paths from outside
  Findings faults_;
  std::string named_;
};

}  // namespace sockopt
