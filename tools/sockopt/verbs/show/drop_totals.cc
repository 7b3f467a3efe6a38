// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/drop_totals.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "tools/sockopt/live/history_file.h"

namespace sockopt {
namespace {

// Comments, to everybody else.
constexpr std::string_view kBoot = "# boot ";
constexpr std::string_view kSocket = "# socket ";

}  // namespace

DropTotals::DropTotals(std::string_view before) : boot_(boot_id()) {
  std::istringstream lines{std::string(before)};
  bool remembers = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kBoot)) {
      remembers = true;
      same_boot_ = line.substr(kBoot.size()) == boot_;
    } else {
      read(line);
    }
  }
  // Not one of ours: what its totals consist of is not known.
  if (!remembers) before_.clear();
  // Sockets have other numbers now.
  if (!same_boot_) of_sockets_before_.clear();
}

void DropTotals::read(std::string_view line) {
  if (line.starts_with(kSocket)) {
    std::istringstream fields{std::string(line.substr(kSocket.size()))};
    std::uint64_t cookie = 0;
    DropCounts counts;
    if (fields >> std::hex >> cookie >> std::dec >> counts.dropped >> counts.counted) {
      of_sockets_before_[cookie] = counts;
    }
    return;
  }
  const std::size_t open = line.find('{');
  const std::size_t close = line.rfind("} ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return;
  const std::string_view name = line.substr(0, open);
  if (name != kDropsName && name != kCountedName) return;
  std::uint64_t value = 0;
  std::istringstream{std::string(line.substr(close + 2))} >> value;
  DropCounts& counts = before_[std::string(line.substr(open + 1, close - open - 1))];
  (name == kDropsName ? counts.dropped : counts.counted) = value;
}

void DropTotals::add(const std::string& labels, std::uint64_t cookie, DropCounts now) {
  const auto known = cookie != 0 ? of_sockets_before_.find(cookie) : of_sockets_before_.end();
  const DropCounts then = known == of_sockets_before_.end() ? DropCounts{} : known->second;
  // What it has dropped it has, though by now the kernel counts more of what may have been no drop.
  now.dropped = std::max(now.dropped, then.dropped);
  now.counted = std::max(now.counted, then.counted);
  if (cookie != 0) of_sockets_[cookie] = now;
  const auto [total, is_new] = totals_.try_emplace(labels);
  if (const auto sum = before_.find(labels); is_new && sum != before_.end()) {
    total->second = sum->second;
  }
  total->second.dropped += now.dropped - then.dropped;
  total->second.counted += now.counted - then.counted;
}

std::string DropTotals::memory() const {
  std::string text = fmt::format("{}{}\n", kBoot, boot_);
  for (const auto& [cookie, counts] : of_sockets_) {
    if (counts.counted == 0) continue;
    text += fmt::format("{}{:x} {} {}\n", kSocket, cookie, counts.dropped, counts.counted);
  }
  return text;
}

}  // namespace sockopt
