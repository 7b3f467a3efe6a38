// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/self_setting.h"

#include <algorithm>

#include "shim/options/table.h"
#include "tools/inspect/option_reading.h"

namespace sockopt {
namespace {

// More would say the same, and each costs system calls.
constexpr std::size_t kEnough = 16;

// What a connection has from its listener, bit by bit, and the kernel does not change by itself.
bool tells(const Option& option) {
  const bool is_number =
      option.kind != Kind::kRaw && option.kind != Kind::kName && option.kind != Kind::kLinger;
  return is_number && option.inheritance == Inheritance::kInherited &&
         option.read_back == ReadBack::kAsSet && option.bind_order == BindOrder::kAny;
}

const OptionChange* change_of(const std::vector<OptionChange>& changes, OptionId id) {
  const auto found = std::find_if(changes.begin(), changes.end(),
                                  [&](const OptionChange& one) { return one.option == id; });
  return found == changes.end() ? nullptr : &*found;
}

}  // namespace

void SelfSettings::see_listener(std::uint64_t net_namespace, const Endpoint& address,
                                const std::string& program, std::span<const KnownSetting> known,
                                const Expected& expected, OptionSet enforced,
                                const std::vector<OptionChange>& changes) {
  Listener& listener = listeners_[{net_namespace, address}];
  if (!listener.held.empty()) return;  // another of its reuseport group
  listener.program = program;
  listener.known = known;
  for (const OptionId id : expected.options.without(enforced)) {
    if (id >= kOptionCount || !tells(kOptions[id])) continue;
    const Setting* setting = expected.decision.settings[id];
    const OptionChange* change = change_of(changes, id);
    if (change != nullptr && !change->before) continue;
    if (change != nullptr && change->outcome == Outcome::kChanged) listener.changed.insert(id);
    listener.held.emplace_back(setting, change == nullptr ? setting->value : change->before.value);
  }
}

bool SelfSettings::wants(std::uint64_t net_namespace, const Endpoint& address) const {
  const auto listener = listeners_.find({net_namespace, address});
  return listener != listeners_.end() && !listener->second.held.empty() &&
         listener->second.looked_at < kEnough;
}

void SelfSettings::see_connection(std::uint64_t net_namespace, const Endpoint& address,
                                  const std::string& program, const ForeignSocket& socket) {
  Listener& listener = listeners_[{net_namespace, address}];
  ++listener.looked_at;
  for (const auto& [setting, before] : listener.held) {
    const Option& option = kOptions[setting->option];
    const OptionReading reading = read_option(socket, option);
    if (!reading || reading.value == before || reading.value == setting->value) continue;
    if (initial_.is_initial(setting->option, socket.facts(), reading.value)) continue;
    count(listener, program, *setting, reading);
  }
  for (const std::size_t one : listener.found) found_[one].looked_at = listener.looked_at;
}

std::vector<SelfSetting> SelfSettings::predicted() const {
  std::vector<SelfSetting> all;
  std::map<std::pair<std::string, OptionId>, std::size_t> places;
  for (const auto& [place, listener] : listeners_) {
    if (listener.looked_at != 0 || listener.changed.empty()) continue;
    for (const auto& [setting, before] : listener.held) {
      const Option& option = kOptions[setting->option];
      const auto known =
          std::find_if(listener.known.begin(), listener.known.end(),
                       [&](const KnownSetting& one) { return one.key == option.key.view(); });
      if (known == listener.known.end() || setting->value.number(option.kind) == known->value) {
        continue;
      }
      const auto [same, is_new] =
          places.try_emplace({listener.program, setting->option}, all.size());
      if (is_new) {
        all.push_back({.program = listener.program,
                       .option = setting->option,
                       .value = {.value = value_of_int(known->value)},
                       .setting = setting});
      }
      all[same->second].listeners.insert(place.second);
    }
  }
  return all;
}

std::map<std::string, UnknownSettings> SelfSettings::unknown() const {
  std::map<std::string, UnknownSettings> all;
  for (const auto& [place, listener] : listeners_) {
    if (listener.looked_at != 0 || !listener.known.empty() || listener.changed.empty()) continue;
    UnknownSettings& of_program = all[listener.program];
    of_program.options.insert(listener.changed.begin(), listener.changed.end());
    of_program.listeners.insert(place.second);
  }
  return all;
}

void SelfSettings::count(Listener& listener, const std::string& program, const Setting& setting,
                         const OptionReading& reading) {
  for (const std::size_t one : listener.found) {
    SelfSetting& known = found_[one];
    if (known.setting == &setting && known.value.value == reading.value) {
      ++known.connections;
      return;
    }
  }
  listener.found.push_back(found_.size());
  found_.push_back({.program = program,
                    .option = setting.option,
                    .value = reading,
                    .setting = &setting,
                    .connections = 1});
}

}  // namespace sockopt
