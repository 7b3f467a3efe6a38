// SPDX-License-Identifier: MIT
//
// The setsockopt calls that every new TCP socket of a family gets, in order: worked out at start,
// so that a socket costs these calls and next to nothing else.
#pragma once

#include <cstdint>

#include "shim/options/table.h"
#include "shim/policy/setting.h"
#include "shim/sockets/apply.h"

namespace sockopt {

class PrebuiltSets {
 public:
  struct Call {
    std::uint16_t setting;  ///< index in the policy: small, so that all fit onto a page with it
    KernelName name;
  };

  void add(std::size_t setting, const KernelNames& names) {
    for (const KernelName name : names) {
      ops_[count_++] = {static_cast<std::uint16_t>(setting), name};
    }
  }

  const Call* begin() const { return ops_; }
  const Call* end() const { return ops_ + count_; }

 private:
  // IPv6 sockets need some options under both names.
  static constexpr std::size_t kMost = [] {
    std::size_t most = kMaxOptions;
    for (const Option& option : kOptions) most += option.both ? 1 : 0;
    return most;
  }();

  std::uint32_t count_ = 0;
  Call ops_[kMost];
};

}  // namespace sockopt
