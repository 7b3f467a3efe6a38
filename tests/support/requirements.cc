// SPDX-License-Identifier: MIT
#include "tests/support/requirements.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <sstream>

#include "tests/support/process.h"

namespace sockopt::test {

bool has_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0;
  std::istringstream path(plain_environment().at("PATH"));
  for (std::string directory; std::getline(path, directory, ':');) {
    if (access((directory + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

bool has_mptcp() {
  constexpr int kMptcp = 262;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, kMptcp);
  if (fd < 0) return false;
  close(fd);
  return true;
}

std::string why_no_strace() {
  if (!has_program("strace")) return "strace is not installed";
  static const Finished tried = run({.argv = {"strace", "-o", "/dev/null", "true"}});
  return tried.success() ? std::string() : "strace cannot trace here: " + tried.error;
}

std::string why_no_namespaces(std::vector<std::string> options) {
  options.insert(options.begin(), "unshare");
  options.emplace_back("true");
  const Finished tried = run({.argv = std::move(options)});
  return tried.success() ? std::string() : "no namespaces can be made here: " + tried.error;
}

}  // namespace sockopt::test
