// SPDX-License-Identifier: MIT
#include "tools/inspect/listen_drops.h"

#include <algorithm>
#include <sstream>

namespace sockopt {
namespace {

// What the kernel counts in the same number of a listener: packets of handshakes that it held back,
// had answered already, or that did not belong to them, and handshakes that the peer gave up.
constexpr std::string_view kCountedToo[] = {
    "TcpExt.TCPDeferAcceptDrop", "TcpExt.TCPSynRetrans", "TcpExt.TCPACKSkippedSynRecv",
    "TcpExt.EmbryonicRsts",      "TcpExt.PAWSEstab",     "TcpExt.TCPMinTTLDrop"};

}  // namespace

Counters parse_counters(std::string_view netstat) {
  Counters counters;
  std::istringstream lines{std::string(netstat)};
  for (std::string names, numbers; std::getline(lines, names) && std::getline(lines, numbers);) {
    std::istringstream name_words(names);
    std::istringstream number_words(numbers);
    std::string group;
    std::string repeated;
    name_words >> group;
    number_words >> repeated;
    if (group != repeated || !group.ends_with(':')) break;
    group.back() = '.';
    std::string name;
    std::uint64_t number = 0;
    while (name_words >> name && number_words >> number) counters[group + name] = number;
  }
  return counters;
}

std::uint64_t count_of(const Counters& counters, std::string_view name) {
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

ListenDrops& ListenDrops::operator+=(const ListenDrops& other) {
  least += other.least;
  most += other.most;
  return *this;
}

std::string ListenDrops::text() const {
  std::string text = std::to_string(least);
  return is_known() ? text : text + ".." + std::to_string(most);
}

std::optional<ListenDrops> listen_drops(const SocketFacts& listener, const Counters& counters) {
  if (!listener.drops) return std::nullopt;
  const std::uint64_t counted = *listener.drops;
  if (counters.empty()) return ListenDrops{0, counted};
  std::uint64_t others = 0;
  for (const std::string_view name : kCountedToo) others += count_of(counters, name);
  const std::uint64_t most = std::min(counted, count_of(counters, "TcpExt.ListenDrops"));
  // Twice, where the queue is found full by the last packet of the handshake.
  const std::uint64_t least = (counted - std::min(counted, others) + 1) / 2;
  return ListenDrops{std::min(least, most), most};
}

}  // namespace sockopt
