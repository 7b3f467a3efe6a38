// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/cookie_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace sockopt {
namespace {

std::optional<std::uint64_t> read_cookie(std::string_view text) {
  constexpr int kHexadecimal = 16;
  std::uint64_t cookie = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, cookie, kHexadecimal);
  if (error != std::errc{} || rest != end || cookie == 0) return std::nullopt;
  return cookie;
}

}  // namespace

CookieRanges::CookieRanges(const std::vector<std::uint64_t>& cookies) {
  std::vector<std::uint64_t> sorted = cookies;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t next = i + 1;
    while (next < sorted.size() && sorted[next] <= sorted[next - 1] + 1) ++next;
    ranges_[sorted[i]] = sorted[next - 1];
    i = next;
  }
}

std::optional<CookieRanges> CookieRanges::parse(std::string_view text) {
  CookieRanges ranges;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = text.substr(0, comma);
    const std::size_t dash = one.find('-');
    const auto first = read_cookie(one.substr(0, dash));
    const auto last = dash == one.npos ? first : read_cookie(one.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    ranges.add(*first, *last);
    if (comma == text.size()) return ranges;
    text.remove_prefix(comma + 1);
  }
}

void CookieRanges::add(std::uint64_t first, std::uint64_t last) {
  std::uint64_t& known = ranges_[first];
  known = std::max(known, last);
}

bool CookieRanges::contain(std::uint64_t cookie) const {
  auto after = ranges_.upper_bound(cookie);
  // Ranges that were given by hand may overlap.
  while (after != ranges_.begin()) {
    --after;
    if (cookie <= after->second) return true;
  }
  return false;
}

std::vector<std::string> CookieRanges::texts(std::size_t limit) const {
  std::vector<std::string> texts;
  std::size_t count = 0;
  for (const auto& [first, last] : ranges_) {
    if (count++ % limit == 0) texts.emplace_back();
    std::string& text = texts.back();
    if (!text.empty()) text += ',';
    text += fmt::format("{:x}", first);
    if (last != first) text += fmt::format("-{:x}", last);
  }
  return texts;
}

}  // namespace sockopt
