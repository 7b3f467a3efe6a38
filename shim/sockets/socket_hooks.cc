// SPDX-License-Identifier: MIT
#include "shim/sockets/socket_hooks.h"

#include <netinet/tcp.h>

#include <cerrno>

#include "shim/options/lookup.h"
#include "shim/system/memory.h"

namespace sockopt {

SocketHooks::SocketHooks(const Policy& policy, const Plan& plan, const SocketOps& ops,
                         Descriptors descriptors, const Observer& observer)
    : policy_(policy),
      plan_(plan),
      ops_(ops),
      descriptors_(descriptors),
      observer_(observer),
      remembers_addresses_(!(plan.enforceable() & plan.deferred()).empty()),
      connect_decides_(
          !plan.deferred().empty() ||
          !(plan.possible() & (plan.at(kBeforeConnect) | plan.at(kAfterConnect))).empty()) {
  const Decision& base = plan.base();
  for (const OptionId id : at_socket() & base.wanted) {
    for (const bool ipv6 : {false, true}) {
      at_socket_[ipv6].add(policy.index_of(*base.settings[id]),
                           names_for(policy.option(id), {Protocol::kTcp, ipv6}));
    }
  }
  for (const OptionId id : plan.possible()) {
    const Option& option = policy.option(id);
    if (option.hook_points != kAtSocket || plan.deferred().contains(id)) later_.add(id);
    if (!option.is_socket_option()) continue;
    const BindOrder order = option.bind_order;
    if (option.lost_at_disconnect) lost_at_disconnect_.add(id);
    if (option.ipv4.level == IPPROTO_TCP) tcp_level_.add(id);
    if (order == BindOrder::kBefore || order == BindOrder::kOnlyBefore) before_bind_.add(id);
    if (order == BindOrder::kOnlyBefore) continue;
    if (option.inheritance == Inheritance::kClient) continue;
    bound_listener_.add(id);
    if (option.inheritance == Inheritance::kListener || order == BindOrder::kNotConnected) continue;
    accepted_.add(id);
    if (option.mptcp != Mptcp::kTaken) plain_on_mptcp_.add(id);
  }
  connect_decides_ = connect_decides_ || !lost_at_disconnect_.empty();
}

void SocketHooks::after_socket(int fd, int domain, int type, int protocol) {
  DescriptorState state{.kind = kind_of(domain, type, protocol)};
  descriptors_.begin(fd, state);
  if (!state.kind.is_ours()) return;
  notify_seen();
  if (state.kind.protocol != Protocol::kTcp || observer_.on_applied != nullptr) {
    return put_base(fd, state);
  }
  const Setting* const settings = policy_.begin();
  const Setting* refused = nullptr;
  for (const PrebuiltSets::Call& call : at_socket_[state.kind.ipv6]) {
    const Setting& setting = settings[call.setting];
    const Value& value = setting.value;
    const int error = ops_.set(fd, call.name.level, call.name.name, value.data(), value.length());
    if (error == 0 || &setting == refused) continue;
    refused = &setting;
    const SocketKind kind = take_refusal(fd, state.kind, setting, error, policy_, ops_, observer_);
    if (kind == state.kind) continue;
    // Not a TCP socket after all: a BPF program or another library made it MPTCP, or it is gone.
    state.kind = kind;
    descriptors_.set_state(fd, state);
    if (!kind.is_ours()) return;
    const OptionSet rest(~std::uint64_t{0} << refused->option);
    return put(fd, state, plan_.base(), at_socket() & rest);
  }
}

void SocketHooks::after_mptcp(int fd, int error) const {
  const Setting& setting = *plan_.mptcp();
  if (error != 0 && observer_.on_refused != nullptr) {
    observer_.on_refused(observer_.context, fd, setting, error);
  }
  if (error == 0 && observer_.on_applied != nullptr) {
    observer_.on_applied(observer_.context, fd, setting);
  }
}

// Where the address is cheap to look at, what is bound to no internet address is known to stay what
// it is.
bool SocketHooks::before_bind(int fd, const sockaddr* address, socklen_t length) {
  if (descriptors_.state(fd).kind.protocol == Protocol::kOther) {
    return !system::is_on_stack(address) || length < sizeof(sa_family_t) ||
           address->sa_family == AF_INET || address->sa_family == AF_INET6;
  }
  sa_family_t family = AF_UNSPEC;
  const Address local = Address::of(address, length, &family);
  if (local.family == Address::Family::kNone) return false;
  DescriptorState state = ensure_identified(fd);
  state.kind = checked_family(fd, state, family);
  if (!state.kind.is_ours()) return false;
  const OptionSet waiting = plan_.deferred() & before_bind_;
  if (waiting.empty()) {
    apply_verified(fd, state, plan_.base(), plan_.at(kBeforeBind));
    return false;
  }
  Decision decision;
  plan_.decide(Side::kListen, local, decision);
  const OptionSet options = waiting.without(settled(fd, state.role, decision));
  apply_verified(fd, state, decision, plan_.at(kBeforeBind) | options);
  return false;
}

// Not one of ours, but bound to an internet address: most likely UDP, which never listens, or a TCP
// socket on another socket's number.
void SocketHooks::after_bind(int fd) {
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol != Protocol::kOther) return;
  state.role = Role::kBoundNonTcp;
  descriptors_.set_state(fd, state);
}

ConnectCall SocketHooks::before_connect(int fd, const sockaddr* address, socklen_t length) {
  if (descriptors_.state(fd).kind.protocol == Protocol::kOther) return {};
  sa_family_t family = AF_UNIX;
  // Connecting to the wildcard connects to this host.
  const Address peer = Address::of(address, length, &family).or_loopback();
  if (peer.family == Address::Family::kNone) return {.disconnects = family == AF_UNSPEC};
  DescriptorState state = ensure_identified(fd);
  state.kind = checked_family(fd, state, family);
  if (!state.kind.is_ours()) return {};
  // A listener cannot connect, and stays one.
  if (!is_unprepared(state.role) && listens(fd)) return {};
  // A non-blocking connect is often called again to ask how it ended. A closed socket is another
  // one on this number, or this one after it failed.
  if (state.role == Role::kConnecting && descriptors_.address(fd) == peer &&
      tcp_state(fd) != TCP_CLOSE) {
    return {};
  }
  const Role before = state.role;
  state.role = Role::kConnecting;
  descriptors_.set_address(fd, peer);
  descriptors_.set_state(fd, state);
  if (plan_.deferred().empty()) {
    apply_verified(fd, state, plan_.base(), plan_.at(kBeforeConnect));
    return {};
  }
  Decision decision;
  plan_.decide(Side::kConnect, peer, decision);
  const OptionSet waiting = plan_.deferred() & (plan_.at(kAtSocket) | plan_.at(kBeforeConnect));
  const OptionSet options = waiting.without(settled(fd, before, decision));
  apply_verified(fd, state, decision, plan_.at(kBeforeConnect) | options);
  return {};
}

void SocketHooks::after_connect(int fd, const ConnectCall& call, int error) {
  if (call.disconnects) {
    if (error == 0) after_disconnect(fd);
    return;
  }
  const OptionSet options = plan_.at(kAfterConnect) & plan_.possible();
  // An interrupted connect continues.
  if (options.empty() || (error != 0 && error != EINPROGRESS && error != EINTR)) return;
  DescriptorState state = descriptors_.state(fd);
  if (!state.kind.is_ours()) return;
  Decision decision;
  plan_.decide(Side::kConnect, descriptors_.address(fd), decision);
  put(fd, state, decision, options);
}

// The socket was disconnected, and lost some of its options.
void SocketHooks::after_disconnect(int fd) {
  DescriptorState state = descriptors_.state(fd);
  if (!state.kind.is_ours()) return;
  // What a rule set for the old peer is still there: the next one decides all anew.
  state.role = Role::kConnecting;
  descriptors_.set_address(fd, Address());
  descriptors_.set_state(fd, state);
  apply_verified(fd, state, plan_.base(), at_socket() & lost_at_disconnect_);
}

void SocketHooks::after_accept(int listener, int fd, int error) {
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
  if (state.role != Role::kPerAccept && state.role != Role::kDraining) return;
  // The listener may have been replaced by a UNIX one. The peer's address in the program's memory
  // is not read: accept may have blocked, and that memory may be gone.
  const SocketKind accepted = {protocol_of(ops_.get_int(fd, SOL_SOCKET, SO_PROTOCOL)),
                               state.kind.ipv6};
  if (!accepted.is_ours()) return;
  if (accepted != state.kind)
    descriptors_.set_state(fd, {.kind = accepted, .role = Role::kAccepted});
  OptionSet options = plan_.at(kAtAccept);
  if (state.kind.protocol == Protocol::kMptcp && accepted.protocol == Protocol::kTcp) {
    // What the program set on the listener is its own affair on these, too.
    const OptionSet own = descriptors_.set_by_program(listener).without(plan_.enforceable());
    options |= plain_on_mptcp_.without(own);
  }
  if (state.role == Role::kPerAccept) return apply_per_accept(listener, fd, accepted, options);
  // Connections inherit what the program set on the listener.
  const OptionSet by_program = descriptors_.set_by_program(listener).without(plan_.enforceable());
  apply_per_accept(listener, fd, accepted, options | accepted_.without(by_program));
  // Two threads may count the same connection; the slack covers that.
  if (--state.left == 0) state.role = role_of_listener(listener, state.kind);
  descriptors_.set_state(listener, state);
}

void SocketHooks::after_setsockopt(int fd, int level, int name) {
  const OptionId id = policy_.find(level, name);
  if (id >= kMaxOptions) return;
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol == Protocol::kOther) {
    if (level != IPPROTO_TCP) return;
    // Nothing else takes TCP's options: one of ours took over the number.
    state = {};
    descriptors_.begin(fd, state);
  }
  // An option that may be set again is remembered for this very socket, not for its number. On a
  // socket never seen, which may be a listener, that is every option; on accepted ones, which are
  // many, none.
  const OptionSet may_come = state.kind.protocol == Protocol::kUnknown ? plan_.possible() : later_;
  if (state.role == Role::kAccepted) {
    descriptors_.set_owner(fd, 0);
  } else if (may_come.contains(id)) {
    descriptors_.set_owner(fd, cookie_of(fd));
  }
  descriptors_.mark_set_by_program(fd, same_state(id));
  if (id == plan_.tos() && level == IPPROTO_IP) {
    apply_verified(fd, state, plan_.base(), at_socket() & OptionSet::of(plan_.priority()));
  }
}

// What is known of a socket.  One that was never seen gets its settings from socket(2) here.
DescriptorState SocketHooks::ensure_identified(int fd) {
  DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol != Protocol::kUnknown) return state;
  state.kind = identify(fd, ops_);
  descriptors_.set_state(fd, state);
  // Nothing is known of numbers beyond the table: what the program set must not be lost again.
  if (state.kind.is_ours() && descriptors_.covers(fd)) {
    notify_seen();
    put_base(fd, state);
  }
  return state;
}

// The family of the program's address is that of its socket, if the number still belongs to that
// socket.
SocketKind SocketHooks::checked_family(int fd, const DescriptorState& state,
                                       sa_family_t family) const {
  const bool fits = state.kind.ipv6 == (family == AF_INET6);
  return fits || !state.kind.is_ours() ? state.kind : identify(fd, ops_);
}

Address SocketHooks::address_from(int (*ask)(int, sockaddr*, socklen_t*), int fd) const {
  sockaddr_in6 address{};
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  return ask(fd, generic, &length) == 0 ? Address::of(generic, length) : Address();
}

int SocketHooks::tcp_state(int fd) const {
  tcp_info info{};
  socklen_t length = sizeof info;
  return ops_.get(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_state : 0;
}

std::uint32_t SocketHooks::cookie_of(int fd) const {
  std::uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  constexpr int kCookie = 57;  // SO_COOKIE, since Linux 4.12
  if (ops_.get(fd, SOL_SOCKET, kCookie, &cookie, &length) != 0) return 0;
  return static_cast<std::uint32_t>(cookie);
}

// Those of `options` that the program set on this socket; another may have its number now.
OptionSet SocketHooks::set_by_program(int fd, OptionSet options) {
  options = options & descriptors_.set_by_program(fd);
  if (options.empty()) return options;
  const std::uint32_t owner = descriptors_.owner(fd);
  if (owner == 0 || owner == cookie_of(fd)) return options;
  descriptors_.set_owner(fd, 0);
  return OptionSet();
}

// What a socket has since it was opened, and the decision leaves as it is.  The priority follows
// the type of service.
OptionSet SocketHooks::settled(int fd, Role role, const Decision& decision) const {
  OptionSet options;
  if (role != Role::kNone || !descriptors_.covers(fd)) return options;
  for (const OptionId id : plan_.provisional()) {
    if (decision.settings[id]->value == plan_.base().settings[id]->value) options.add(id);
  }
  options.remove(plan_.priority());
  return options.without(descriptors_.set_by_program(fd));
}

// The program's own settings win, unless the policy's are enforced.
OptionSet SocketHooks::pending(int fd, const Decision& decision, OptionSet options) {
  options = options & decision.wanted;
  options.remove(plan_.backlog());
  return options.without(set_by_program(fd, options.without(decision.enforced)));
}

void SocketHooks::put(int fd, DescriptorState& state, const Decision& decision, OptionSet options) {
  options = pending(fd, decision, options);
  if (options.empty()) return;
  const SocketKind kind = apply(fd, state.kind, options, policy_, decision, ops_, observer_);
  if (kind == state.kind) return;
  state.kind = kind;
  descriptors_.set_state(fd, state);
}

// For a socket that only the hint says is one of ours.  The kernel refuses TCP options on every
// other socket, so the first of them proves it; without one, the kernel is asked.
void SocketHooks::apply_verified(int fd, DescriptorState& state, const Decision& decision,
                                 OptionSet options) {
  options = pending(fd, decision, options);
  if (options.empty()) return;
  const OptionSet proving = options & tcp_level_;
  if (proving.empty()) {
    state.kind = identify(fd, ops_);
    descriptors_.set_state(fd, state);
  } else {
    put(fd, state, decision, proving);
  }
  if (state.kind.is_ours()) put(fd, state, decision, options.without(proving));
}

// For an accepted socket that did not inherit `options`.
void SocketHooks::apply_per_accept(int listener, int fd, SocketKind accepted, OptionSet options) {
  DescriptorState state{.kind = accepted, .role = Role::kAccepted};
  if ((options & plan_.deferred()).empty()) return put(fd, state, plan_.base(), options);
  Decision decision;
  decide_listener(listener, decision);
  put(fd, state, decision, options);
}

}  // namespace sockopt
