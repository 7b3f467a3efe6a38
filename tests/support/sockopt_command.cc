// SPDX-License-Identifier: MIT
#include "tests/support/sockopt_command.h"

#include <utility>

#include "tests/support/paths.h"

namespace sockopt::test {

std::string command_path() { return build_directory() / "sockopt"; }

Command command(std::vector<std::string> arguments, const Environment& variables) {
  arguments.insert(arguments.begin(), command_path());
  Command started;
  started.argv = std::move(arguments);
  // A command built with AddressSanitizer must bear a library in front of it.
  started.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0";
  for (const auto& [name, value] : variables) started.environment[name] = value;
  return started;
}

Finished sockopt(std::vector<std::string> arguments, const Environment& variables) {
  return run(command(std::move(arguments), variables));
}

int status(const Finished& finished) {
  return finished.exit && finished.exit->exited ? finished.exit->status : -1;
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no \"" << part << "\" in:\n" << text;
}

}  // namespace sockopt::test
