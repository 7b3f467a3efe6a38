// SPDX-License-Identifier: MIT
//
// `sockopt watch` as a test starts it: told of as a service is, so that it is known when it is
// ready.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {

class Watching {
 public:
  /// Returns when it is ready; throws if it does not get so far.
  explicit Watching(std::vector<std::string> arguments = {"--json"});

  Process& process() { return *process_; }
  /// What it has said with `--json`, by kind of event; all kinds where that is empty.
  std::vector<nlohmann::json> events(const std::string& kind = {}) const;
  /// Whether it comes to say `count` of these, within the time that anything may take.
  bool says(const std::string& kind, std::size_t count = 1) const;

 private:
  TemporaryDirectory files_;
  UniqueFd manager_;
  std::unique_ptr<Process> process_;
};

}  // namespace sockopt::test
