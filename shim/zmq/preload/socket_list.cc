// SPDX-License-Identifier: MIT
#include "shim/zmq/preload/socket_list.h"

#include <cstring>

#include "shim/text/text.h"

namespace sockopt::zmq {
namespace {

// While an entry is written.
constexpr std::uintptr_t kTaken = 1;

std::string_view cut(const char* endpoint) {
  return slice(endpoint, 0, Entry::kLongestEndpoint - 1);
}

}  // namespace

void SocketList::add(void* socket, int type, Use use, const char* endpoint) const {
  if (memory_ == nullptr) return;
  for (Entry& entry : memory_->entries) {
    std::uintptr_t free = 0;
    if (entry.socket.load(std::memory_order_relaxed) != free ||
        !entry.socket.compare_exchange_strong(free, kTaken, std::memory_order_acquire)) {
      continue;
    }
    entry.type = static_cast<std::uint8_t>(type);
    entry.use = use;
    const std::string_view text = cut(endpoint);
    std::memcpy(entry.endpoint, text.data(), text.size());
    entry.endpoint[text.size()] = '\0';
    entry.socket.store(reinterpret_cast<std::uintptr_t>(socket), std::memory_order_release);
    return;
  }
  memory_->left_out.fetch_add(1, std::memory_order_relaxed);
}

template <typename Matches>
void SocketList::remove_where(void* socket, const Matches& matches) const {
  if (memory_ == nullptr) return;
  const auto mine = reinterpret_cast<std::uintptr_t>(socket);
  if (mine <= kTaken) return;
  for (Entry& entry : memory_->entries) {
    if (entry.socket.load(std::memory_order_acquire) == mine && matches(entry)) {
      entry.socket.store(0, std::memory_order_release);
    }
  }
}

void SocketList::remove(void* socket, const char* endpoint) const {
  remove_where(socket, [text = cut(endpoint)](const Entry& entry) {
    return entry.use != Use::kCreated && text == entry.endpoint;
  });
}

void SocketList::remove(void* socket) const {
  remove_where(socket, [](const Entry&) { return true; });
}

}  // namespace sockopt::zmq
