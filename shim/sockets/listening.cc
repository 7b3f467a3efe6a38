// SPDX-License-Identifier: MIT
//
// Listeners: prepared around listen(2), or adopted if they listened before we saw them.  What is
// done here, accept need not do.
#include <netinet/tcp.h>

#include <algorithm>

#include "shim/options/value.h"
#include "shim/sockets/socket_hooks.h"

namespace sockopt {
namespace {

// While the queue's length is read, connections may be between the last packet of the handshake and
// the queue: one per busy CPU, and a few more cost next to nothing.
constexpr unsigned kInFlight = 4;

}  // namespace

// What is known of a socket that is about to listen.  Listeners live long and listen is rare, so
// the kernel is asked whether the socket is still the remembered one.
DescriptorState SocketHooks::refresh(int fd) {
  DescriptorState state = descriptors_.state(fd);
  const SocketKind kind = identify(fd, ops_);
  // A new socket on a listener's number is not a listener yet.
  if (!is_unprepared(state.role) && !listens(fd)) state.role = Role::kNone;
  descriptors_.set_state(fd, state);
  if (kind == state.kind) return state;
  if (!descriptors_.covers(fd)) return {.kind = kind};
  // Opened as TCP, and MPTCP since then (mptcpize, a BPF program): that is the same socket, and
  // what the program set on it stands.
  const bool corrected = state.kind.is_ours() && kind.is_ours() && state.kind.ipv6 == kind.ipv6;
  const bool moved_here = state.kind.protocol != Protocol::kUnknown && !corrected;
  state = {.kind = kind};
  if (moved_here) descriptors_.begin(fd, state);
  descriptors_.set_state(fd, state);
  if (!kind.is_ours()) return state;
  if (listens(fd)) {
    adopt(fd);  // inherited, and already listening
    return descriptors_.state(fd);
  }
  notify_seen();
  put_base(fd, state);
  return state;
}

// Decides what can be decided before listen, and returns which options are to be set then.
OptionSet SocketHooks::decide_before_listen(int fd, Role role, ListenCall& call,
                                            Decision& decision) const {
  decision = plan_.base();
  const OptionSet options = plan_.at(kBeforeListen).without(plan_.deferred());
  if (plan_.deferred().empty()) return options;
  const Address address = local_address(fd);
  call.unbound = address.port == 0;
  plan_.decide(Side::kListen, address, decision);
  // Without a port no rule for one can match yet; what has to precede bind cannot wait for it.
  const OptionSet waiting =
      call.unbound ? plan_.deferred() & before_bind_ : wait_for_listen().without(before_bind_);
  return options | waiting.without(settled(fd, role, decision));
}

// What a connect that failed, or was dissolved, left: on a listener a time limit would end accept.
// Zero turns each of them off.
void SocketHooks::lift_time_limits(int fd) {
  const OptionSet ours = plan_.at(kBeforeConnect) & plan_.possible();
  for (const OptionId id : ours.without(set_by_program(fd, ours))) {
    const KernelName name = policy_.option(id).ipv4;
    const KernelTimeval off{};
    ops_.set(fd, name.level, name.name, &off, sizeof off);
  }
}

ListenCall SocketHooks::before_listen(int fd, int backlog) {
  ListenCall call = {.asked = backlog, .backlog = backlog};
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol == Protocol::kOther && state.role != Role::kBoundNonTcp) return call;
  state = refresh(fd);
  if (!state.kind.is_ours()) return call;
  if (state.role == Role::kConnecting) lift_time_limits(fd);
  Decision decision;
  const OptionSet options = decide_before_listen(fd, state.role, call, decision);
  if (is_unprepared(state.role)) put(fd, state, decision, options);
  const bool waits = call.unbound && plan_.deferred().contains(plan_.backlog());
  if (!waits) call.backlog = raised(backlog, decision);
  return call;
}

void SocketHooks::after_listen(int fd, const ListenCall& call) {
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol == Protocol::kUnknown || !is_unprepared(state.role)) return;
  OptionSet options = plan_.at(kAfterListen);
  if (call.unbound) options |= wait_for_listen().without(before_bind_);
  const bool is_told = observer_.on_backlog != nullptr;
  if (state.kind.is_ours() && (call.unbound || is_told || !(options & plan_.possible()).empty())) {
    Decision decision;
    decide_listener(fd, decision);
    put(fd, state, decision, options.without(settled(fd, state.role, decision)));
    const int backlog = raised(call.asked, decision);
    if (call.unbound && backlog != call.backlog) ops_.listen(fd, backlog);
    tell_backlog(fd, call.asked, decision);
  }
  if (state.kind.is_ours() && remembers_addresses_) {
    descriptors_.set_address(fd, local_address(fd));
  }
  // A vfork child may have its own socket on this number; the listener is then adopted.
  if (!(descriptors_.set_by_program(fd) & plan_.possible()).empty()) {
    descriptors_.set_owner(fd, cookie_of(fd));
  }
  state.role = role_of_listener(fd, state.kind);
  descriptors_.set_state(fd, state);
}

void SocketHooks::adopt(int fd) {
  DescriptorState state{.kind = identify(fd, ops_)};
  if (state.kind.protocol == Protocol::kUnknown) return;
  if (!state.kind.is_ours()) {
    // A UNIX listener, say: known from here on, and accept on it has nothing to do.
    state.role = role_of_listener(fd, state.kind);
    return descriptors_.set_state(fd, state);
  }
  if (!listens(fd)) return;
  notify_seen();
  // Its state stays: other threads may be adopting it too.
  descriptors_.forget_set_by_program(fd);
  Decision decision;
  decide_listener(fd, decision);
  put(fd, state, decision, bound_listener_);

  tcp_info info{};
  socklen_t length = sizeof info;
  const bool informed = ops_.get(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
  // On a listener, tcpi_sacked is its backlog and tcpi_unacked the length of its queue.
  const int backlog = raised(static_cast<int>(info.tcpi_sacked), decision);
  if (informed && backlog != static_cast<int>(info.tcpi_sacked)) ops_.listen(fd, backlog);
  if (informed) tell_backlog(fd, static_cast<int>(info.tcpi_sacked), decision);
  const unsigned queued = (informed ? info.tcpi_unacked : 0) + kInFlight;
  if (remembers_addresses_) descriptors_.set_address(fd, local_address(fd));
  state.role = Role::kDraining;
  state.left = std::min(queued, DescriptorState::kMostLeft);
  descriptors_.set_state(fd, state);
}

void SocketHooks::take_over(int fd) {
  DescriptorState state{.kind = identify(fd, ops_), .role = Role::kAccepted};
  if (!state.kind.is_ours()) return;
  if (listens(fd)) return adopt(fd);
  if (address_from(ops_.peer, fd).family == Address::Family::kNone) return;
  notify_seen();
  descriptors_.begin(fd, state);
  if (remembers_addresses_) descriptors_.set_address(fd, local_address(fd));
  Decision decision;
  decide_listener(fd, decision);
  put(fd, state, decision, accepted_);
}

void SocketHooks::tell_backlog(int fd, int asked, const Decision& decision) const {
  if (observer_.on_backlog == nullptr || !decision.wanted.contains(plan_.backlog())) return;
  observer_.on_backlog(observer_.context, fd, *decision.settings[plan_.backlog()], asked);
}

void SocketHooks::decide_listener(int fd, Decision& decision) const {
  if (plan_.deferred().empty()) {
    decision = plan_.base();
  } else {
    plan_.decide(Side::kListen, local_address(fd), decision);
  }
}

Role SocketHooks::role_of_listener(int fd, SocketKind kind) const {
  if (!kind.is_ours()) return Role::kPrepared;
  OptionSet each = plan_.at(kAtAccept) & plan_.possible();
  if (kind.protocol == Protocol::kMptcp) each |= plain_on_mptcp_;
  if (each.empty()) return Role::kPrepared;
  Decision decision = plan_.base();
  if (!(each & plan_.deferred()).empty()) decide_listener(fd, decision);
  return (each & decision.wanted).empty() ? Role::kPrepared : Role::kPerAccept;
}

// listen(2) reads a negative backlog as the largest there is.
int SocketHooks::raised(int backlog, const Decision& decision) const {
  if (!decision.wanted.contains(plan_.backlog())) return backlog;
  const Setting& setting = *decision.settings[plan_.backlog()];
  const int wanted = static_cast<int>(setting.value.number(Kind::kBacklog));
  const bool larger = static_cast<unsigned>(wanted) > static_cast<unsigned>(backlog);
  return larger || decision.enforced.contains(plan_.backlog()) ? wanted : backlog;
}

}  // namespace sockopt
