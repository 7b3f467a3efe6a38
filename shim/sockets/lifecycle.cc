// SPDX-License-Identifier: MIT
#include "shim/sockets/lifecycle.h"

#include <netinet/tcp.h>

#include <cerrno>
#include <cstddef>

namespace sockopt {
namespace {

// Connections may be between the handshake's last packet and the queue while the queue's length is
// read: one for each CPU that is at it, and a few more cost next to nothing.
constexpr unsigned kInFlight = 4;

bool is_internet(const sockaddr* address, socklen_t length) {
  return address != nullptr && length >= sizeof(sa_family_t) &&
         (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

// Never 0, which stands for no address.
std::uint32_t hash_of(const sockaddr* address, socklen_t length) {
  const std::size_t size =
      length < sizeof(sockaddr_in6) ? static_cast<std::size_t>(length) : sizeof(sockaddr_in6);
  const auto* bytes = reinterpret_cast<const unsigned char*>(address);
  std::uint32_t hash = 0x811c9dc5;
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x01000193;
  return hash | 1;
}

}  // namespace

Lifecycle::Lifecycle(const Policy& policy, const Plan& plan, const SocketCalls& calls,
                     Descriptors descriptors, const Witness& witness)
    : policy_(policy), plan_(plan), calls_(calls), descriptors_(descriptors), witness_(witness) {
  for (const OptionId id : plan.wanted()) {
    const Option& option = policy.option(id);
    if (option.kind == Kind::kBacklog) continue;
    if (option.bind_order == BindOrder::kOnlyBefore) continue;
    if (option.inheritance == Inheritance::kClient) continue;
    bound_listener_.add(id);
    if (option.inheritance == Inheritance::kListener) continue;
    accepted_.add(id);
    if (option.mptcp != Mptcp::kTaken) plain_on_mptcp_.add(id);
  }
}

void Lifecycle::after_socket(int fd, int domain, int type, int protocol) {
  DescriptorState state{.kind = kind_of(domain, type, protocol)};
  descriptors_.begin(fd, state);
  if (!state.kind.is_ours()) return;
  meet();
  put(fd, state, plan_.at(kAtSocket));
}

void Lifecycle::before_bind(int fd, const sockaddr* address, socklen_t length) {
  DescriptorState state = known_state(fd, address, length);
  if (state.kind.is_ours()) put(fd, state, plan_.at(kBeforeBind));
}

int Lifecycle::before_listen(int fd, int backlog) {
  const bool unseen = descriptors_.state(fd).kind.protocol == Protocol::kUnknown;
  DescriptorState state = identified(fd);
  if (!state.kind.is_ours()) return backlog;
  if (unseen && calls_.get_int(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1) {
    adopt(fd);  // inherited, and already listening
  } else if (is_unprepared(state.role)) {
    put(fd, state, plan_.at(kBeforeListen));
  }
  return raised(backlog);
}

void Lifecycle::after_listen(int fd) {
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol == Protocol::kUnknown || !is_unprepared(state.role)) return;
  if (state.kind.is_ours()) put(fd, state, plan_.at(kAfterListen));
  state.role = role_of_listener(state.kind);
  descriptors_.set_state(fd, state);
}

void Lifecycle::before_connect(int fd, const sockaddr* address, socklen_t length) {
  DescriptorState state = known_state(fd, address, length);
  if (!state.kind.is_ours()) return;
  const std::uint32_t peer = hash_of(address, length);
  // A non-blocking connect is often called again to ask how it ended.
  if (state.role == Role::kConnecting && state.peer == peer) return;
  state.role = Role::kConnecting;
  state.peer = peer;
  descriptors_.set_state(fd, state);
  put(fd, state, plan_.at(kBeforeConnect));
}

void Lifecycle::after_connect(int fd, int error) {
  const OptionSet options = plan_.at(kAfterConnect);
  if (options.empty() || (error != 0 && error != EINPROGRESS)) return;
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.is_ours()) put(fd, state, options);
}

void Lifecycle::after_accept(int listener, int fd, int error) {
  DescriptorState state = descriptors_.state(listener);
  if (fd < 0) {
    if (error == EAGAIN && state.role == Role::kDraining) {
      state.role = role_of_listener(state.kind);
      descriptors_.set_state(listener, state);
    }
    return;
  }
  descriptors_.begin(fd, {.kind = state.kind, .role = Role::kAccepted});
  if (state.role == Role::kAttended) return attend(fd, state, OptionSet());
  if (state.role != Role::kDraining) return;
  attend(fd, state, accepted_);
  // Two threads may both count the same connection down; a queue then drains with the slack.
  if (--state.left == 0) state.role = role_of_listener(state.kind);
  descriptors_.set_state(listener, state);
}

void Lifecycle::after_setsockopt(int fd, int level, int name) {
  const OptionId id = policy_.find(level, name);
  if (id < kMaxOptions && descriptors_.state(fd).kind.protocol != Protocol::kOther) {
    descriptors_.add_own(fd, id);
  }
}

void Lifecycle::adopt(int fd) {
  DescriptorState state{.kind = identify(fd, calls_)};
  if (!state.kind.is_ours()) {
    // A UNIX listener, say: known from here on, and accept on it has nothing to do.
    state.role = role_of_listener(state.kind);
    return descriptors_.set_state(fd, state);
  }
  if (calls_.get_int(fd, SOL_SOCKET, SO_ACCEPTCONN) != 1) return;
  meet();
  put(fd, state, bound_listener_);

  tcp_info info{};
  socklen_t length = sizeof info;
  const bool informed = calls_.get(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
  // On a listener, tcpi_sacked is its backlog and tcpi_unacked the length of its queue.
  const int backlog = raised(static_cast<int>(info.tcpi_sacked));
  if (informed && backlog != static_cast<int>(info.tcpi_sacked)) calls_.listen(fd, backlog);
  const unsigned queued = (informed ? info.tcpi_unacked : 0) + kInFlight;
  state.role = Role::kDraining;
  state.left = static_cast<std::uint16_t>(queued < UINT16_MAX ? queued : UINT16_MAX);
  descriptors_.set_state(fd, state);
}

// What is remembered of a socket that is used with an internet address.  For one that was never
// seen, this is where its settings from socket(2) are made up for; where the address is of another
// family no system call is made.
DescriptorState Lifecycle::known_state(int fd, const sockaddr* address, socklen_t length) {
  if (!is_internet(address, length)) return {.kind = {Protocol::kOther, false}};
  return identified(fd);
}

DescriptorState Lifecycle::identified(int fd) {
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol != Protocol::kUnknown) return state;
  state.kind = identify(fd, calls_);
  descriptors_.set_state(fd, state);
  if (state.kind.is_ours()) {
    meet();
    put(fd, state, plan_.at(kAtSocket));
  }
  return state;
}

// The program's own settings stand.
void Lifecycle::put(int fd, DescriptorState& state, OptionSet options) {
  options = options.without(descriptors_.own(fd));
  if (options.empty()) return;
  const SocketKind kind = apply(fd, state.kind, options, policy_, plan_, calls_, witness_);
  if (kind == state.kind) return;
  state.kind = kind;
  descriptors_.set_state(fd, state);
}

// An accepted socket that did not inherit everything: `options`, and what its kind never inherits.
void Lifecycle::attend(int fd, const DescriptorState& listener, OptionSet options) {
  DescriptorState state{.kind = listener.kind, .role = Role::kAccepted};
  options |= plan_.at(kAtAccept);
  if (listener.kind.protocol == Protocol::kMptcp) {
    state.kind.protocol = protocol_of(calls_.get_int(fd, SOL_SOCKET, SO_PROTOCOL));
    if (state.kind.protocol == Protocol::kTcp) options |= plain_on_mptcp_;
    descriptors_.set_state(fd, state);
  }
  put(fd, state, options);
}

Role Lifecycle::role_of_listener(SocketKind kind) const {
  if (!kind.is_ours()) return Role::kPrepared;
  const bool each = !plan_.at(kAtAccept).empty() ||
                    (kind.protocol == Protocol::kMptcp && !plain_on_mptcp_.empty());
  return each ? Role::kAttended : Role::kPrepared;
}

// listen(2) reads a negative backlog as the largest there is.
int Lifecycle::raised(int backlog) const {
  const Setting* setting = plan_.backlog();
  if (setting == nullptr) return backlog;
  const int wanted = static_cast<int>(setting->value.number(Kind::kBacklog));
  return static_cast<unsigned>(wanted) > static_cast<unsigned>(backlog) ? wanted : backlog;
}

}  // namespace sockopt
