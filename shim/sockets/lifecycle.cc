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

bool is_internet(const sockaddr* address) {
  return address != nullptr && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

}  // namespace

Lifecycle::Lifecycle(const Policy& policy, const Plan& plan, const SocketCalls& calls,
                     Descriptors descriptors, const Witness& witness)
    : policy_(policy),
      plan_(plan),
      calls_(calls),
      descriptors_(descriptors),
      witness_(witness),
      remembers_addresses_(!(plan.enforceable() & plan.deferred()).empty()) {
  for (const OptionId id : plan.possible()) {
    const Option& option = policy.option(id);
    if (option.kind == Kind::kBacklog) continue;
    if (option.ipv4.level == IPPROTO_TCP) tcp_level_.add(id);
    if (option.bind_order != BindOrder::kAny) before_bind_.add(id);
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
  put(fd, state, plan_.base(), plan_.at(kAtSocket).without(plan_.deferred()));
}

void Lifecycle::before_bind(int fd, const sockaddr* address, socklen_t length) {
  const Address local = Address::of(address, length);
  if (local.family == Address::Family::kNone) return;
  DescriptorState state = identified(fd);
  if (!state.kind.is_ours()) {
    // UDP, most likely, which never listens; or a TCP socket that was moved to another's number.
    state.role = Role::kStranger;
    return descriptors_.set_state(fd, state);
  }
  const OptionSet waiting = plan_.deferred() & before_bind_;
  if (waiting.empty()) return put_on_known(fd, state, plan_.base(), plan_.at(kBeforeBind));
  Decision decision;
  plan_.decide(Side::kListen, local, decision);
  put_on_known(fd, state, decision, plan_.at(kBeforeBind) | waiting);
}

// A listener is for long, and listen is rare: here the kernel is asked whether it is what is
// remembered.
ListenCall Lifecycle::before_listen(int fd, int backlog) {
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol == Protocol::kOther && state.role != Role::kStranger) {
    return {backlog, backlog};
  }
  const SocketKind kind = identify(fd, calls_);
  // A new socket on the number of a listener is none yet.
  if (!is_unprepared(state.role) && !listens(fd)) state.role = Role::kNone;
  descriptors_.set_state(fd, state);
  if (!descriptors_.covers(fd)) {
    state.kind = kind;
  } else if (kind != state.kind) {
    const bool moved_here = state.kind.protocol != Protocol::kUnknown;
    state = {.kind = kind};
    if (moved_here) descriptors_.begin(fd, state);
    descriptors_.set_state(fd, state);
    if (kind.is_ours() && listens(fd)) {
      adopt(fd);  // inherited, and already listening
      state = descriptors_.state(fd);
    } else if (kind.is_ours()) {
      meet();
      put(fd, state, plan_.base(), plan_.at(kAtSocket).without(plan_.deferred()));
    }
  }
  if (!kind.is_ours()) return {backlog, backlog};
  OptionSet options = plan_.at(kBeforeListen).without(plan_.deferred());
  Decision decision = plan_.base();
  ListenCall call = {.asked = backlog};
  if (!plan_.deferred().empty()) {
    const Address address = local_address(fd);
    call.unbound = address.port == 0;
    plan_.decide(Side::kListen, address, decision);
    // Without a port no rule for one can match yet; what has to precede bind cannot wait for it.
    options |=
        call.unbound ? plan_.deferred() & before_bind_ : wait_for_listen().without(before_bind_);
  }
  if (is_unprepared(state.role)) put(fd, state, decision, options);
  const bool waits = call.unbound && plan_.deferred().contains(plan_.backlog());
  call.backlog = waits ? backlog : raised(backlog, decision);
  return call;
}

void Lifecycle::after_listen(int fd, const ListenCall& call) {
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol == Protocol::kUnknown || !is_unprepared(state.role)) return;
  OptionSet options = plan_.at(kAfterListen);
  if (call.unbound) options |= wait_for_listen().without(before_bind_);
  if (state.kind.is_ours() && (call.unbound || !(options & plan_.possible()).empty())) {
    Decision decision;
    decide_listener(fd, decision);
    put(fd, state, decision, options);
    const int backlog = raised(call.asked, decision);
    if (call.unbound && backlog != call.backlog) calls_.listen(fd, backlog);
  }
  if (state.kind.is_ours() && remembers_addresses_) {
    descriptors_.set_address(fd, local_address(fd));
  }
  state.role = role_of_listener(fd, state.kind);
  descriptors_.set_state(fd, state);
}

void Lifecycle::before_connect(int fd, const sockaddr* address, socklen_t length) {
  // To connect to the wildcard is to connect to this host.
  const Address peer = Address::of(address, length).or_loopback();
  if (peer.family == Address::Family::kNone) return;
  DescriptorState state = identified(fd);
  if (!state.kind.is_ours()) return;
  // A non-blocking connect is often called again to ask how it ended.
  if (state.role == Role::kConnecting && descriptors_.address(fd) == peer) return;
  state.role = Role::kConnecting;
  descriptors_.set_address(fd, peer);
  descriptors_.set_state(fd, state);
  if (plan_.deferred().empty()) {
    return put_on_known(fd, state, plan_.base(), plan_.at(kBeforeConnect));
  }
  Decision decision;
  plan_.decide(Side::kConnect, peer, decision);
  const OptionSet waiting = plan_.deferred() & (plan_.at(kAtSocket) | plan_.at(kBeforeConnect));
  put_on_known(fd, state, decision, plan_.at(kBeforeConnect) | waiting);
}

void Lifecycle::after_connect(int fd, int error) {
  const OptionSet options = plan_.at(kAfterConnect) & plan_.possible();
  if (options.empty() || (error != 0 && error != EINPROGRESS)) return;
  DescriptorState state = descriptors_.state(fd);
  if (!state.kind.is_ours()) return;
  Decision decision;
  plan_.decide(Side::kConnect, descriptors_.address(fd), decision);
  put(fd, state, decision, options);
}

void Lifecycle::after_accept(int listener, int fd, const sockaddr* peer, int error) {
  DescriptorState state = descriptors_.state(listener);
  if (fd < 0) {
    if (error == EAGAIN && state.role == Role::kDraining) {
      state.role = role_of_listener(listener, state.kind);
      descriptors_.set_state(listener, state);
    }
    return;
  }
  descriptors_.begin(fd, {.kind = state.kind, .role = Role::kAccepted});
  if (remembers_addresses_) descriptors_.set_address(fd, descriptors_.address(listener));
  if (state.role != Role::kAttended && state.role != Role::kDraining) return;
  // The listener's number may be that of a UNIX one by now: the peer's address tells, if it is
  // there.
  if (!is_internet(peer) &&
      protocol_of(calls_.get_int(fd, SOL_SOCKET, SO_PROTOCOL)) == Protocol::kOther) {
    return;
  }
  if (state.role == Role::kAttended) return attend(listener, fd, state, OptionSet());
  // What the program set on the listener, the connections have from it.
  const OptionSet own = descriptors_.own(listener).without(plan_.enforceable());
  attend(listener, fd, state, accepted_.without(own));
  // Two threads may both count the same connection down; a queue then drains with the slack.
  if (--state.left == 0) state.role = role_of_listener(listener, state.kind);
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
  if (state.kind.protocol == Protocol::kUnknown) return;
  if (!state.kind.is_ours()) {
    // A UNIX listener, say: known from here on, and accept on it has nothing to do.
    state.role = role_of_listener(fd, state.kind);
    return descriptors_.set_state(fd, state);
  }
  if (!listens(fd)) return;
  meet();
  Decision decision;
  decide_listener(fd, decision);
  put(fd, state, decision, bound_listener_);

  tcp_info info{};
  socklen_t length = sizeof info;
  const bool informed = calls_.get(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
  // On a listener, tcpi_sacked is its backlog and tcpi_unacked the length of its queue.
  const int backlog = raised(static_cast<int>(info.tcpi_sacked), decision);
  if (informed && backlog != static_cast<int>(info.tcpi_sacked)) calls_.listen(fd, backlog);
  const unsigned queued = (informed ? info.tcpi_unacked : 0) + kInFlight;
  if (remembers_addresses_) descriptors_.set_address(fd, local_address(fd));
  state.role = Role::kDraining;
  state.left = static_cast<std::uint16_t>(queued < UINT16_MAX ? queued : UINT16_MAX);
  descriptors_.set_state(fd, state);
}

// What is known of a socket.  For one that was never seen, this is where its settings from
// socket(2) are made up for.
DescriptorState Lifecycle::identified(int fd) {
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol != Protocol::kUnknown) return state;
  state.kind = identify(fd, calls_);
  descriptors_.set_state(fd, state);
  // Of a number beyond the table nothing is known: what the program set must not be lost again.
  if (state.kind.is_ours() && descriptors_.covers(fd)) {
    meet();
    put(fd, state, plan_.base(), plan_.at(kAtSocket).without(plan_.deferred()));
  }
  return state;
}

Address Lifecycle::address_from(int (*ask)(int, sockaddr*, socklen_t*), int fd) const {
  sockaddr_in6 address{};
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  return ask(fd, generic, &length) == 0 ? Address::of(generic, length) : Address();
}

void Lifecycle::decide_listener(int fd, Decision& decision) const {
  if (plan_.deferred().empty()) {
    decision = plan_.base();
  } else {
    plan_.decide(Side::kListen, local_address(fd), decision);
  }
}

// The program's own settings stand, unless the policy's are enforced.
OptionSet Lifecycle::due(int fd, const Decision& decision, OptionSet options) const {
  options = (options & decision.wanted).without(descriptors_.own(fd).without(decision.enforced));
  options.remove(plan_.backlog());
  return options;
}

void Lifecycle::put(int fd, DescriptorState& state, const Decision& decision, OptionSet options) {
  options = due(fd, decision, options);
  if (options.empty()) return;
  const SocketKind kind = apply(fd, state.kind, options, policy_, decision, calls_, witness_);
  if (kind == state.kind) return;
  state.kind = kind;
  descriptors_.set_state(fd, state);
}

// On a socket that is only remembered to be one of ours.  The kernel refuses TCP's own options on
// every other socket, so the first of them proves it; without one it is asked.
void Lifecycle::put_on_known(int fd, DescriptorState& state, const Decision& decision,
                             OptionSet options) {
  options = due(fd, decision, options);
  if (options.empty()) return;
  const OptionSet proving = options & tcp_level_;
  if (proving.empty()) {
    state.kind = identify(fd, calls_);
    descriptors_.set_state(fd, state);
  } else {
    put(fd, state, decision, proving);
  }
  if (state.kind.is_ours()) put(fd, state, decision, options.without(proving));
}

// An accepted socket that did not inherit everything: `options`, and what its kind never inherits.
void Lifecycle::attend(int listener, int fd, const DescriptorState& state, OptionSet options) {
  DescriptorState accepted{.kind = state.kind, .role = Role::kAccepted};
  options |= plan_.at(kAtAccept);
  if (state.kind.protocol == Protocol::kMptcp) {
    accepted.kind.protocol = protocol_of(calls_.get_int(fd, SOL_SOCKET, SO_PROTOCOL));
    if (accepted.kind.protocol == Protocol::kTcp) options |= plain_on_mptcp_;
    descriptors_.set_state(fd, accepted);
  }
  if ((options & plan_.deferred()).empty()) return put(fd, accepted, plan_.base(), options);
  Decision decision;
  decide_listener(listener, decision);
  put(fd, accepted, decision, options);
}

Role Lifecycle::role_of_listener(int fd, SocketKind kind) const {
  if (!kind.is_ours()) return Role::kPrepared;
  OptionSet each = plan_.at(kAtAccept) & plan_.possible();
  if (kind.protocol == Protocol::kMptcp) each |= plain_on_mptcp_;
  if (each.empty()) return Role::kPrepared;
  Decision decision = plan_.base();
  if (!(each & plan_.deferred()).empty()) decide_listener(fd, decision);
  return (each & decision.wanted).empty() ? Role::kPrepared : Role::kAttended;
}

// listen(2) reads a negative backlog as the largest there is.
int Lifecycle::raised(int backlog, const Decision& decision) const {
  if (!decision.wanted.contains(plan_.backlog())) return backlog;
  const Setting& setting = *decision.settings[plan_.backlog()];
  const int wanted = static_cast<int>(setting.value.number(Kind::kBacklog));
  const bool larger = static_cast<unsigned>(wanted) > static_cast<unsigned>(backlog);
  return larger || decision.enforced.contains(plan_.backlog()) ? wanted : backlog;
}

}  // namespace sockopt
