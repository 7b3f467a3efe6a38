// SPDX-License-Identifier: MIT
#include "tests/doctor/victim.h"

#include <algorithm>
#include <filesystem>
#include <set>
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

std::vector<std::string> fixes(const Finished& finished) {
  constexpr std::string_view kFix = "   fix: ";
  std::vector<std::string> all;
  std::istringstream lines(finished.output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(kFix);
    if (at != line.npos) all.push_back(line.substr(at + kFix.size()));
  }
  return all;
}

std::vector<std::string> commands_in(const std::string& fix) {
  static const std::set<std::string> kPrograms = {
      "sockopt", "systemctl", "chmod",   "sysctl",   "printf", "postconf",  "echo",
      "sudo",    "modprobe",  "nsenter", "ldconfig", "ls",     "journalctl"};
  std::vector<std::string> commands;
  std::string rest = fix;
  for (;;) {
    const std::size_t end = std::min(rest.find("; until then: "), rest.find("  # "));
    const std::string head = rest.substr(0, end);
    const std::size_t begin = head.find("; then: ") == head.npos ? 0 : head.find("; then: ") + 8;
    const std::string command = head.substr(begin);
    if (kPrograms.contains(command.substr(0, command.find(' ')))) commands.push_back(command);
    const std::size_t then = rest.find("until then: ");
    if (then == rest.npos) return commands;
    rest = rest.substr(then + 12);
  }
}

}  // namespace sockopt::test
