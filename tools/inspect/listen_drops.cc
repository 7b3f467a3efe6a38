// SPDX-License-Identifier: MIT
#include "tools/inspect/listen_drops.h"

#include <algorithm>
#include <sstream>

namespace sockopt {

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
  if (counters.empty()) return ListenDrops{listener.defers ? 0 : counted, counted};
  const std::uint64_t deferred =
      listener.defers ? count_of(counters, "TcpExt.TCPDeferAcceptDrop") : 0;
  const std::uint64_t by_all = count_of(counters, "TcpExt.ListenDrops");
  return ListenDrops{std::min(counted - std::min(counted, deferred), by_all),
                     std::min(counted, by_all)};
}

}  // namespace sockopt
