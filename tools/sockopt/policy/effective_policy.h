// SPDX-License-Identifier: MIT
//
// The policy that a program started now would have: from -c or the files in force, the SOCKOPT_*
// variables around us, and -o; checked by the library's own code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shim/policy/policy.h"
#include "shim/zmq/policy.h"
#include "tools/sockopt/launch/launch_environment.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

struct PolicySources {
  std::string configuration;         ///< -c; empty: none was given
  std::vector<std::string> options;  ///< -o
  bool enforces = false;             ///< --enforce
  bool options_only = false;         ///< neither a file nor a variable counts
  bool takes_zmq = true;             ///< -o zmq.KEY=VALUE too: there is a program to start
  bool takes_unset = false;          ///< -o KEY=unset too: there are sockets to take it back from

  /// Whether the command line says anything of the policy.
  bool given() const { return !configuration.empty() || !options.empty() || enforces; }
};

/// The same for another command line, about sockets that are there: `-c FILE -o KEY=VALUE
/// --enforce`.
std::vector<std::string> policy_words(const PolicySources& sources);

/// The command that puts the policy onto a process or program; where the sources say nothing, its
/// own.
std::string apply_command(const PolicySources& sources, const std::string& target);

/// `sockopt enable`, with the file of -c wherever the command is run; a unit is to follow.
std::vector<std::string> enable_words(const PolicySources& sources);

/// Why no policy can be made of them: the file of -c cannot be read, an -o is faulty.
Findings faults_of(const PolicySources& sources);

class EffectivePolicy {
 public:
  explicit EffectivePolicy(const PolicySources& sources);

  const Policy& policy() const { return *policy_; }
  /// That for ZeroMQ's sockets.
  const zmq::Policy& zmq() const { return *zmq_; }
  /// Every reason why the policy is not as it was asked for.
  const Findings& faults() const { return faults_; }
  /// The file of -c or SOCKOPT_CONFIG, which stands for all others; empty: none was named.
  const std::string& named_file() const { return named_; }
  /// The environment that carries it to the program.
  LaunchEnvironment& environment() { return environment_; }
  /// What is in it for the library, as NAME=VALUE.
  std::vector<std::string> variables() const;

 private:
  LaunchEnvironment environment_;
  std::unique_ptr<Policy> policy_ = std::make_unique<Policy>();
  std::unique_ptr<zmq::Policy> zmq_ = std::make_unique<zmq::Policy>();
  Findings faults_;
  std::string named_;
};

}  // namespace sockopt
