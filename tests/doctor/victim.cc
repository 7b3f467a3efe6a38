// SPDX-License-Identifier: MIT
#include "tests/doctor/victim.h"

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/paths.h"

namespace sockopt::test {

std::string victim(const std::string& name) {
  return build_directory() / "tests/doctor/victims" / name;
}

bool has_victim(const std::string& name) { return std::filesystem::exists(victim(name)); }

void await_ready(Process& process) {
  const bool ready = eventually(kPatience, [&] {
    return process.output().find('\n') != std::string::npos || !process.running();
  });
  if (!ready || !process.running()) {
    throw std::runtime_error("the victim does not listen: " + process.error());
  }
}

Finished doctor(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "doctor");
  return sockopt(std::move(arguments));
}

std::string said(const Finished& finished, const std::string& level, const std::string& topic) {
  std::istringstream lines(finished.output);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    words >> first >> second;
    if (first == level && second == topic) found += line + '\n';
  }
  return found;
}

}  // namespace sockopt::test
