// SPDX-License-Identifier: MIT
//
// Counters that only grow. What the kernel counts ends with each listener, of which several may
// share a series; the sum of those that are there falls when one goes, and Prometheus would take
// the rest for new drops. So the file that is replaced holds, in comments, what was counted of
// each listener before, and only the difference is added.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sockopt {

struct DropCounts {
  std::uint64_t dropped = 0;  ///< at least
  std::uint64_t counted = 0;  ///< by the kernel, with what it counts besides
};

class DropTotals {
 public:
  /// `before` is the file as it was; empty: there is none, and the totals are those of the
  /// listeners that there are.
  explicit DropTotals(std::string_view before);

  /// The numbers of a listener with these labels, and this SO_COOKIE.
  void add(const std::string& labels, std::uint64_t cookie, DropCounts now);

  /// By labels; without series that have no listener any more.
  const std::map<std::string, DropCounts>& totals() const { return totals_; }
  /// For the next time.
  std::string memory() const;

 private:
  void read(std::string_view line);

  std::string boot_;
  bool same_boot_ = false;
  std::map<std::string, DropCounts> before_;
  std::map<std::uint64_t, DropCounts> of_sockets_before_;
  std::map<std::string, DropCounts> totals_;
  std::map<std::uint64_t, DropCounts> of_sockets_;
};

inline constexpr std::string_view kDropsName = "sockopt_listener_drops_total";
inline constexpr std::string_view kCountedName = "sockopt_listener_drops_and_deferrals_total";

}  // namespace sockopt
