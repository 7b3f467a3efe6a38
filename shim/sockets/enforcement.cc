// SPDX-License-Identifier: MIT
//
// Whether the policy's value replaces what the program sets.  This is never decided by the hint
// about a descriptor alone, because the number may be another socket's by now.  It costs system
// calls, but only when the program sets an option that some rule enforces.
#include <netinet/tcp.h>

#include "shim/sockets/socket_hooks.h"

namespace sockopt {

// Whether a connection can have been accepted from a listener that was bound to this address.
bool SocketHooks::is_from(int fd, const Address& listener) const {
  const Address own = local_address(fd);
  return own.port == listener.port && (listener.is_wildcard() || listener == own);
}

// Whether this is a connection to that peer, or still connecting, when the kernel does not tell.
bool SocketHooks::connects_to(int fd, const Address& peer) const {
  const Address actual = address_from(ops_.peer, fd);
  if (actual.family != Address::Family::kNone) return actual == peer;
  return tcp_state(fd) == TCP_SYN_SENT;
}

// No hint is trusted here: the number may be another socket's by now.
const Setting* SocketHooks::enforced(int fd, OptionId id, KernelName asked,
                                     KernelName& kernel_name) {
  const DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol == Protocol::kOther) return nullptr;
  const SocketKind kind = identify(fd, ops_);
  if (!kind.is_ours()) return nullptr;
  Decision decision;
  if (!plan_.deferred().contains(id)) {
    decision = plan_.base();
  } else if (listens(fd)) {
    decide_listener(fd, decision);
  } else if (state.role == Role::kAccepted && is_from(fd, descriptors_.address(fd))) {
    plan_.decide(Side::kListen, descriptors_.address(fd), decision);
  } else if (state.role == Role::kConnecting && connects_to(fd, descriptors_.address(fd))) {
    plan_.decide(Side::kConnect, descriptors_.address(fd), decision);
  } else {
    return nullptr;  // not decided yet; listen or connect will
  }
  if (!decision.enforced.contains(id)) return nullptr;
  const Option& option = policy_.option(id);
  const bool by_its_name = asked == option.ipv4 || asked == option.ipv6;
  kernel_name = by_its_name ? asked : kind.ipv6 && option.ipv6.exists() ? option.ipv6 : option.ipv4;
  return decision.settings[id];
}

}  // namespace sockopt
