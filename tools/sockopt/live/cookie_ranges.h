// SPDX-License-Identifier: MIT
//
// Sockets by their SO_COOKIE, which ss(8) -e shows as `sk:1003`: a name that no other socket has
// while the system runs. The kernel numbers sockets as they are first asked for it, so that tens of
// thousands that were looked at together are few ranges: `1003-ac42,b001`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

class CookieRanges {
 public:
  CookieRanges() = default;
  explicit CookieRanges(const std::vector<std::uint64_t>& cookies);

  /// Nothing where the text is none.
  static std::optional<CookieRanges> parse(std::string_view text);

  bool empty() const { return ranges_.empty(); }
  bool contain(std::uint64_t cookie) const;

  /// At most `limit` ranges to a text, for an argument has to stay below 128 KiB.
  std::vector<std::string> texts(std::size_t limit = 2000) const;

 private:
  void add(std::uint64_t first, std::uint64_t last);

  std::map<std::uint64_t, std::uint64_t> ranges_;  // first and last
};

}  // namespace sockopt
