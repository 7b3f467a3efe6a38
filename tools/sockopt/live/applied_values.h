// SPDX-License-Identifier: MIT
//
// What `apply` has set, as its history tells (undo_history.h): the kernel does not record who set a
// value, and without this every value that `apply` set would seem to be the program's. Known is
// what the history of this user, and root's where it may be read, says of sockets since the start
// of the system.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "shim/options/option.h"
#include "tools/inspect/foreign_socket.h"
#include "tools/sockopt/live/change_log.h"
#include "tools/sockopt/live/cookie_ranges.h"

namespace sockopt {

class AppliedValues {
 public:
  /// Reads the histories.
  AppliedValues();

  bool empty() const { return entries_.empty(); }
  /// Whether `apply` has set anything of this socket.
  bool concern(std::uint64_t cookie) const;
  /// Whether `apply` has set this option of this socket to what it holds now.
  bool contain(std::uint64_t cookie, const Option& option, const OptionReading& held) const;

 private:
  struct Entry {
    CookieRanges sockets;
    std::map<std::string, std::string, std::less<>> values;  // by key
  };

  void read(const std::string& path);

  std::vector<Entry> entries_;
};

/// For a line of the history: what was set on which sockets.
nlohmann::ordered_json applied_json(const ChangeLog& log);

}  // namespace sockopt
