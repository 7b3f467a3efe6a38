// SPDX-License-Identifier: MIT
#include "shim/options/lookup.h"

#include <array>

namespace sockopt {
namespace {

constexpr int kLevels[] = {IPPROTO_IP, SOL_SOCKET, IPPROTO_TCP, IPPROTO_IPV6};
constexpr int kNames = 96;

using NameIndex = std::array<std::array<OptionId, kNames>, std::size(kLevels)>;

struct Alias {
  KernelName name;
  std::string_view key;
};

// Other names for the same state of a socket: socket(7).
constexpr Alias kAliases[] = {{{SOL_SOCKET, 62 /* SO_BINDTOIFINDEX */}, "bindtodevice"},
                              {{SOL_SOCKET, 66 /* SO_RCVTIMEO_NEW */}, "rcvtimeo"},
                              {{SOL_SOCKET, 67 /* SO_SNDTIMEO_NEW */}, "sndtimeo"}};

// Two rows for the same state of a socket.
constexpr OptionId kPairs[][2] = {{find_key("rcvbuf"), find_key("rcvbufforce")},
                                  {find_key("sndbuf"), find_key("sndbufforce")}};

constexpr int level_index(int level) {
  for (int i = 0; i < static_cast<int>(std::size(kLevels)); ++i) {
    if (kLevels[i] == level) return i;
  }
  return -1;
}

constexpr NameIndex make_index() {
  NameIndex index{};
  for (auto& names : index) names.fill(kNoOption);
  const auto add = [&index](KernelName name, OptionId id) {
    if (name.exists()) index[level_index(name.level)][name.name] = id;
  };
  for (OptionId id = 0; id < kOptionCount; ++id) {
    add(kOptions[id].ipv4, id);
    add(kOptions[id].ipv6, id);
  }
  for (const Alias& alias : kAliases) add(alias.name, find_key(alias.key));
  return index;
}

constexpr NameIndex kIndex = make_index();

}  // namespace

OptionSet same_state(OptionId id) {
  OptionSet rows = OptionSet::of(id);
  for (const auto& [one, other] : kPairs) {
    if (id == one || id == other) rows |= OptionSet::of(one) | OptionSet::of(other);
  }
  return rows;
}

OptionId find_option(std::string_view key) { return find_key(key); }

OptionId find_kernel_name(int level, int name) {
  const int index = level_index(level);
  if (index < 0 || name < 0 || name >= kNames) return kNoOption;
  return kIndex[static_cast<std::size_t>(index)][static_cast<std::size_t>(name)];
}

}  // namespace sockopt
