// SPDX-License-Identifier: MIT
#include "tests/support/namespaces.h"

#include "tests/support/process.h"

namespace sockopt::test {

std::string why_no_namespaces(std::vector<std::string> options) {
  options.insert(options.begin(), "unshare");
  options.emplace_back("true");
  const Finished tried = run({.argv = std::move(options)});
  return tried.success() ? std::string() : "no namespaces can be made here: " + tried.error;
}

}  // namespace sockopt::test
