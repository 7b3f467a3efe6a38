// SPDX-License-Identifier: MIT
//
// What happens to a socket at each call of its life.  The hooks call this around the real functions
// and contain no logic; tests drive it with a recorder in place of the kernel.  Nothing here
// changes the program's result; the caller preserves errno.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "shim/policy/plan.h"
#include "shim/policy/policy.h"
#include "shim/sockets/apply.h"
#include "shim/sockets/descriptors.h"
#include "shim/sockets/prebuilt_sets.h"
#include "shim/sockets/socket_ops.h"

namespace sockopt {

/// A call of listen(2).
struct ListenCall {
  int asked = 0;         ///< the program's backlog
  int backlog = 0;       ///< what to listen with
  bool unbound = false;  ///< the kernel chooses the port only then, and rules wait for it
};

/// A call of connect(2).
struct ConnectCall {
  bool disconnects = false;  ///< AF_UNSPEC: it gives up a connection
};

class SocketHooks {
 public:
  SocketHooks(const Policy& policy, const Plan& plan, const SocketOps& ops, Descriptors descriptors,
              const Observer& observer);

  /// Whether the program's call is to be made for an MPTCP socket first.
  bool opens_mptcp(int domain, int type, int protocol) const {
    return plan_.mptcp() != nullptr && kind_of(domain, type, protocol).protocol == Protocol::kTcp;
  }
  void after_socket(int fd, int domain, int type, int protocol);
  /// `fd` was opened as MPTCP, or as TCP where the kernel refused that with `error`.
  void after_mptcp(int fd, int error) const;
  /// Returns whether `after_bind` has something to do.
  bool before_bind(int fd, const sockaddr* address, socklen_t length);
  /// The socket is bound.
  void after_bind(int fd);
  /// Returns what to listen with.
  ListenCall before_listen(int fd, int backlog);
  void after_listen(int fd, const ListenCall& call);
  /// Whether anything is to be done before or after connect; if not, the socket has everything.
  [[gnu::always_inline]] bool needs_connect_hook(int fd) const {
    return connect_decides_ ||
           (descriptors_.state(fd).kind.protocol == Protocol::kUnknown && descriptors_.covers(fd));
  }
  ConnectCall before_connect(int fd, const sockaddr* address, socklen_t length);
  /// `error` is 0 if connect succeeded.
  void after_connect(int fd, const ConnectCall& call, int error);
  /// Before accept: what `hand_on` takes, or 0 if connections do not inherit everything.
  [[gnu::always_inline]] std::uint32_t prepared(int listener) const {
    return remembers_addresses_ ? 0 : descriptors_.prepared(listener);
  }
  /// After accept on a prepared listener: `fd`, which it returned, has everything.
  [[gnu::always_inline]] void hand_on(std::uint32_t prepared, int fd) {
    descriptors_.hand_on(prepared, fd);
  }
  /// Before accept on any other: whether to `adopt` it first.
  bool needs_adoption(int listener) const {
    return is_unprepared(descriptors_.state(listener).role) && descriptors_.covers(listener);
  }
  /// `fd` is what accept returned, `error` its errno where that is -1.
  void after_accept(int listener, int fd, int error);
  /// The setting that replaces the program's own call, with the name to set in `kernel_name`; null
  /// if the program's call goes through.  One that ignores stands for no call at all, which
  /// succeeds.
  const Setting* before_setsockopt(int fd, int level, int name, const void* value, socklen_t length,
                                   KernelName& kernel_name) {
    const OptionId id = policy_.find(level, name);
    if (id >= kMaxOptions || !plan_.enforceable().contains(id)) return nullptr;
    // Both fit: they come from a row.
    kernel_name = {static_cast<std::int16_t>(level), static_cast<std::int16_t>(name)};
    return replacement(fd, id, value, length, kernel_name);
  }
  /// The program's value, if it can be read, gave way to the setting's.
  void after_replacement(int fd, const Setting& setting, const void* value,
                         socklen_t length) const {
    if (observer_.on_replaced == nullptr) return;
    observer_.on_replaced(observer_.context, fd, setting, value, length);
  }
  /// The program's own setsockopt succeeded.
  void after_setsockopt(int fd, int level, int name);

  /// Sets up an inherited listener, with its backlog, and makes sure that connections already
  /// queued get their settings too.  Leaves what is not a listener alone.
  void adopt(int fd);
  /// A descriptor that the program was started with: a listener is adopted, and a connection given
  /// what an accepted one has.
  void take_over(int fd);

 private:
  static bool is_unprepared(Role role) {
    return role != Role::kPrepared && role != Role::kPerAccept && role != Role::kDraining;
  }

  DescriptorState ensure_identified(int fd);
  DescriptorState refresh(int fd);
  Address local_address(int fd) const { return address_from(ops_.local, fd); }
  Address address_from(int (*ask)(int, sockaddr*, socklen_t*), int fd) const;
  bool is_from(int fd, const Address& listener) const;
  bool connects_to(int fd, const Address& peer) const;
  int tcp_state(int fd) const;
  bool is_too_late(int fd, const Option& option, SocketKind kind) const;
  bool listens(int fd) const { return ops_.get_int(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1; }
  bool is_decided(int fd, const DescriptorState& state, OptionSet rows, Decision& decision) const;
  const Setting* replacement(int fd, OptionId id, const void* value, socklen_t length,
                             KernelName& kernel_name);
  void decide_listener(int fd, Decision& decision) const;
  /// The deferred options that a listener gets before listen.
  OptionSet wait_for_listen() const {
    return plan_.deferred() & (plan_.at(kAtSocket) | plan_.at(kBeforeListen));
  }
  void lift_time_limits(int fd);
  OptionSet decide_before_listen(int fd, Role role, ListenCall& call, Decision& decision) const;
  std::uint32_t cookie_of(int fd) const;
  OptionSet set_by_program(int fd, OptionSet options);
  OptionSet pending(int fd, const Decision& decision, OptionSet options);
  /// What depends on no address, or can be replaced later.
  OptionSet at_socket() const {
    return plan_.at(kAtSocket).without(plan_.deferred().without(plan_.provisional()));
  }
  OptionSet settled(int fd, Role role, const Decision& decision) const;
  void tell_backlog(int fd, int asked, const Decision& decision) const;
  void put_base(int fd, DescriptorState& state) { put(fd, state, plan_.base(), at_socket()); }
  void put(int fd, DescriptorState& state, const Decision& decision, OptionSet options);
  void apply_verified(int fd, DescriptorState& state, const Decision& decision, OptionSet options);
  void apply_per_accept(int listener, int fd, SocketKind accepted, OptionSet options);
  void after_disconnect(int fd);
  SocketKind checked_family(int fd, const DescriptorState& state, sa_family_t family) const;
  Role role_of_listener(int fd, SocketKind kind) const;
  int raised(int backlog, const Decision& decision) const;
  void notify_seen() const {
    if (observer_.on_socket_seen != nullptr) observer_.on_socket_seen(observer_.context);
  }

  const Policy& policy_;
  const Plan& plan_;
  SocketOps ops_;
  Descriptors descriptors_;
  Observer observer_;
  OptionSet tcp_level_;       // options of the level that only TCP and MPTCP sockets have
  OptionSet later_;           // set, or set again, after socket
  OptionSet before_bind_;     // waits for bind's address, as it has no effect later
  OptionSet bound_listener_;  // what a listener that is bound already can still be given
  OptionSet accepted_;        // what an accepted socket can still be given
  OptionSet plain_on_mptcp_;  // of that, what plain TCP connections of an MPTCP listener lack
  bool remembers_addresses_;  // an address decides what is enforced on an accepted socket
  OptionSet lost_at_disconnect_;
  bool connect_decides_;       // something waits for connect
  PrebuiltSets at_socket_[2];  // of IPv4 and IPv6 sockets
};

}  // namespace sockopt
