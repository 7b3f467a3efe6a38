// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/socket_groups.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "shim/options/lookup.h"

namespace sockopt {
namespace {

// The bytes of all that members have in common, to be found by.
class GroupKey {
 public:
  template <std::integral T>
  void add(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void add(std::string_view text) {
    add(text.size());
    bytes_ += text;
  }
  void add(const Endpoint& end) {
    add(end.family);
    add(end.port);
    add(end.scope);
    bytes_.append(reinterpret_cast<const char*>(end.address.data()), end.address.size());
  }
  void add(const OptionReading& reading) {
    add(reading.error);
    if (!reading) return;
    add(reading.tuned ? int{*reading.tuned} : -1);
    add(std::string_view(reinterpret_cast<const char*>(reading.value.bytes), reading.value.size));
  }
  const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

void make_key(const Census& census, const CensusSocket& socket, OptionSet options, GroupKey& key) {
  const CensusProcess& process = census.process_of(socket);
  key.clear();
  key.add(static_cast<int>(socket.role));
  key.add(socket.facts.state.value_or(0));
  key.add(socket.facts.domain);
  key.add(socket.facts.protocol);
  key.add(socket.facts.queue_limit.value_or(0));
  key.add(socket.net_namespace);
  key.add(socket.policy);
  key.add(static_cast<int>(process.holding.reach));
  key.add(process.unit);
  key.add(process.entry.name);
  key.add(shown_end(socket));
  key.add(socket.differs.bits());
  key.add(socket.holds.bits());
  key.add(socket.differs_now.bits());
  key.add(socket.applied.bits());
  key.add(process.holding.now.value_or(UINT32_MAX));
  for (const OptionId id : options) {
    const OptionReading held = census.reading(socket, id);
    if (!changes_by_itself(id, socket, held)) key.add(held);
  }
}

bool comes_before(const Census& census, const CensusSocket& a, const CensusSocket& b) {
  const auto kind = [&](const CensusSocket& socket) {
    const int port = socket.role == SocketRole::kListener ? socket.facts.local.port : 0;
    return std::tuple(socket.role, port, std::string_view(census.process_of(socket).entry.name));
  };
  const auto number = [](const CensusSocket& socket) {
    return std::tuple(socket.facts.state.value_or(0), socket.process, socket.facts.fd);
  };
  if (const auto order = kind(a) <=> kind(b); order != 0) return order < 0;
  if (const auto order = shown_end(a) <=> shown_end(b); order != 0) return order < 0;
  return number(a) < number(b);
}

// Most are there already.
void enter(SocketGroup& group, std::uint32_t process) {
  const auto at = std::lower_bound(group.processes.begin(), group.processes.end(), process);
  if (at == group.processes.end() || *at != process) group.processes.insert(at, process);
}

}  // namespace

const Endpoint& shown_end(const CensusSocket& socket) {
  if (socket.role == SocketRole::kAccepted) return *socket.listener;
  return socket.role == SocketRole::kClient ? socket.facts.peer : socket.facts.local;
}

bool changes_by_itself(OptionId id, const CensusSocket& socket, const OptionReading& held) {
  static const std::array<OptionId, 3> by_kernel = {
      find_option("window_clamp"), find_option("maxseg"), find_option("incoming_cpu")};
  // What the policy wants of it is checked, and then shown.
  if (socket.differs.contains(id) || socket.holds.contains(id)) return false;
  if (id >= kOptionCount) return false;
  if (kOptions[id].read_back == ReadBack::kTransient) return true;
  if (socket.role == SocketRole::kListener) return false;
  if (kOptions[id].read_back == ReadBack::kDoubled) return held.tuned != false;
  return std::find(by_kernel.begin(), by_kernel.end(), id) != by_kernel.end();
}

std::vector<SocketGroup> group_sockets(const Census& census, const Grouping& grouping) {
  std::vector<SocketGroup> groups;
  std::unordered_map<std::string, std::size_t> by_key;
  GroupKey key;
  for (const CensusSocket& socket : census.sockets()) {
    std::size_t index = groups.size();
    if (!grouping.each) {
      make_key(census, socket, grouping.options, key);
      index = by_key.try_emplace(key.bytes(), index).first->second;
    }
    if (index == groups.size()) groups.push_back({.first = &socket});
    SocketGroup& group = groups[index];
    ++group.count;
    group.holders.insert(socket.process);
    group.queue = std::max(group.queue, socket.facts.queue.value_or(0));
    if (socket.drops) group.drops = group.drops.value_or(ListenDrops{}) += *socket.drops;
    census.for_each_owner(socket, [&](const Owner& owner) { enter(group, owner.process); });
  }
  std::sort(groups.begin(), groups.end(), [&](const SocketGroup& a, const SocketGroup& b) {
    return comes_before(census, *a.first, *b.first);
  });
  return groups;
}

}  // namespace sockopt
