// SPDX-License-Identifier: MIT
//
// Two hosts with a wire between them: network namespaces, at the two ends of a veth pair. What
// takes the wire down makes one of them vanish, without a word to the other.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/process.h"

namespace sockopt::test {

class NetworkHost {
 public:
  NetworkHost();

  bool ready() const { return ready_; }
  std::string error() const { return holder_.error(); }
  std::string word() const { return std::to_string(holder_.pid()); }

  /// A command line for what is to run there.
  std::vector<std::string> there(std::vector<std::string> argv) const;
  testing::AssertionResult does(std::vector<std::string> argv) const;
  /// From now on nothing arrives.
  testing::AssertionResult vanish() const { return does({"ip", "link", "set", "wire", "down"}); }

 private:
  Process holder_;
  bool ready_ = false;
};

/// 192.0.2.1 and 192.0.2.2; why there can be none here, or empty.
std::string link_hosts(const NetworkHost& one, const NetworkHost& other);
#define SOCKOPT_NEEDS_LINK(one, other)                                               \
  if (const std::string why = ::sockopt::test::link_hosts(one, other); !why.empty()) \
  GTEST_SKIP() << why

}  // namespace sockopt::test
