// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/arrangement.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace sockopt {
namespace {

// What it may have dropped, where that is not known.
std::uint64_t dropped(const SocketGroup& group) { return group.drops ? group.drops->most : 0; }

}  // namespace

bool is_shown(const TableForm& form, const CensusSocket& socket) {
  return !form.drops || (socket.facts.listening && socket.drops && socket.drops->most != 0);
}

void arrange(const Census& census, const TableForm& form, std::vector<SocketGroup>& groups) {
  if (form.drops) {
    std::erase_if(groups, [](const SocketGroup& group) {
      return !group.first->facts.listening || dropped(group) == 0;
    });
  }
  const auto most_first = [&](auto number) {
    std::stable_sort(groups.begin(), groups.end(), [&](const SocketGroup& a, const SocketGroup& b) {
      return number(a) > number(b);
    });
  };
  switch (form.drops ? Order::kDrops : form.order.value_or(Order::kAddress)) {
    case Order::kAddress:
      break;
    case Order::kDrops:
      most_first([](const SocketGroup& group) {
        return std::pair(group.drops ? group.drops->least : 0, dropped(group));
      });
      break;
    case Order::kQueue:
      most_first([](const SocketGroup& group) { return group.queue; });
      break;
    case Order::kCount:
      most_first([](const SocketGroup& group) { return group.count; });
      break;
    case Order::kProgram:
      std::stable_sort(
          groups.begin(), groups.end(), [&](const SocketGroup& a, const SocketGroup& b) {
            return census.process_of(*a.first).entry.name < census.process_of(*b.first).entry.name;
          });
  }
}

}  // namespace sockopt
