// SPDX-License-Identifier: MIT
//
// A configuration as a test writes it, text and variables, and what became of it: the policy, and
// the faults as lines.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt::test {

/// Keeps faults as `source:line:column+length: message`, without what is 0.
class FaultList {
 public:
  FaultSink sink() { return {&FaultList::take, this}; }
  const std::vector<std::string>& lines() const { return lines_; }
  bool empty() const { return lines_.empty(); }

 private:
  static void take(void* self, const Fault& fault);

  std::vector<std::string> lines_;
};

/// An environment as environ(7) has it.
class Variables {
 public:
  explicit Variables(std::vector<std::string> entries);
  const char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> entries_;
  std::vector<const char*> pointers_;
};

class Configuration {
 public:
  /// Reads `text` as the file `source`, then the variables.
  explicit Configuration(std::string_view text, const std::vector<std::string>& variables = {},
                         std::string_view source = "sockopt.ini");

  const Policy& policy() const { return *policy_; }
  Policy& policy() { return *policy_; }
  const std::vector<std::string>& faults() const { return faults_.lines(); }
  /// Its only fault; an explanation where there is none or there are several.
  std::string fault() const;

  /// The faults, and then what holds: `= keepidle 60s (sockopt.ini:3)`.
  std::string rendered() const;

 private:
  std::unique_ptr<Policy> policy_;
  FaultList faults_;
};

/// The settings of a policy in the order of their strength, each a line as in `rendered`, below
/// the rule that they stand in where that has conditions.
std::string render_policy(const Policy& policy);

}  // namespace sockopt::test
