// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/change_log.h"

#include <algorithm>

namespace sockopt {
namespace {

template <typename T>
void append(std::string& key, const T& plain) {
  // Of a pointer its own bytes: the same policy is at the same place.
  // NOLINTNEXTLINE(bugprone-sizeof-expression)
  key.append(reinterpret_cast<const char*>(&plain), sizeof plain);
}

void append(std::string& key, const OptionReading& reading) {
  append(key, reading.error);
  append(key, reading.tuned ? int{*reading.tuned} : -1);
  append(key, reading.value.size);
  key.append(reinterpret_cast<const char*>(reading.value.bytes), reading.value.size);
}

// Two groups are one where this is the same.
std::string content_of(const ChangeGroup& group) {
  std::string key = group.program + '\0' + group.unit + '\0';
  append(key, group.address.family);
  append(key, group.address.address);
  append(key, group.address.port);
  append(key, group.address.scope);
  append(key, group.role);
  append(key, group.state);
  append(key, group.policy);
  for (const OptionChange& change : group.changes) {
    append(key, change.option);
    append(key, change.outcome);
    append(key, change.obstacle);
    append(key, change.error);
    append(key, change.setting);
    append(key, change.buffer_locks);
    append(key, change.priority);
    append(key, change.before);
    append(key, change.after);
  }
  return key;
}

}  // namespace

bool ChangeGroup::has(Outcome outcome) const {
  return std::any_of(changes.begin(), changes.end(),
                     [&](const OptionChange& change) { return change.outcome == outcome; });
}

bool ChangeGroup::has_failure() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const OptionChange& change) { return change.is_failure(); });
}

void ChangeLog::add(ChangeGroup group, ChangedSocket socket) {
  const auto [known, is_new] = by_content_.try_emplace(content_of(group), groups_.size());
  if (is_new) groups_.push_back(std::move(group));
  ChangeGroup& home = groups_[known->second];
  if (home.role == SocketRole::kListener) {
    listener_places_[socket.cookie] = {known->second, home.sockets.size()};
  }
  home.sockets.push_back(std::move(socket));
}

void ChangeLog::add_owner(std::uint64_t cookie, SocketOwner owner) {
  const auto place = listener_places_.find(cookie);
  if (place == listener_places_.end()) return;
  groups_[place->second.group].sockets[place->second.socket].owners.push_back(owner);
}

template <typename Counts>
std::size_t ChangeLog::count(const Counts& counts) const {
  std::size_t sockets = 0;
  for (const ChangeGroup& group : groups_) {
    if (counts(group)) sockets += group.sockets.size();
  }
  return sockets;
}

std::size_t ChangeLog::changed() const {
  return count(
      [](const auto& group) { return group.has(Outcome::kChanged) && !group.has_failure(); });
}

std::size_t ChangeLog::failed() const {
  return count([](const auto& group) { return group.has_failure(); });
}

std::size_t ChangeLog::in_part() const {
  return count(
      [](const auto& group) { return group.has(Outcome::kChanged) && group.has_failure(); });
}

std::size_t ChangeLog::kept() const {
  return count(
      [](const auto& group) { return !group.has(Outcome::kChanged) && !group.has_failure(); });
}

}  // namespace sockopt
