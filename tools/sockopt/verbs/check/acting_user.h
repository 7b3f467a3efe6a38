// SPDX-License-Identifier: MIT
//
// Reads as another user does: what he may not read, and whose files he trusts.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace sockopt {

class ActingUser {
 public:
  /// A name or a number; empty: whoever we are. Throws UsageError.
  explicit ActingUser(const std::string& user);
  ~ActingUser();
  ActingUser(const ActingUser&) = delete;
  ActingUser& operator=(const ActingUser&) = delete;

 private:
  bool acts_ = false;
  gid_t group_ = 0;
  std::vector<gid_t> groups_;
};

}  // namespace sockopt
