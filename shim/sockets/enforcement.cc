// SPDX-License-Identifier: MIT
//
// Whether the policy's value, or nothing, replaces what the program sets.  This is never decided by
// the hint about a descriptor alone, because the number may be another socket's by now.  It costs
// system calls, but only when the program sets an option that some rule enforces or ignores.
#include <netinet/tcp.h>

#include <algorithm>

#include "shim/options/lookup.h"
#include "shim/sockets/socket_hooks.h"
#include "shim/system/memory.h"

namespace sockopt {
namespace {

// The kernel reads no more than the longest name takes, and TCP no more than up to its end.
[[gnu::noinline]] bool is_readable_name(int level, const void* value, socklen_t length) {
  constexpr socklen_t kLongest = 15;
  const auto* name = static_cast<const char*>(value);
  for (socklen_t i = 0; i < length && i < kLongest; ++i) {
    if (!system::is_readable(name + i, 1)) return false;
    if (level == IPPROTO_TCP && name[i] == '\0') break;
  }
  return true;
}

// What of the kernel's answer does not depend on the value: what it would refuse in any case goes
// to it. IP takes a value of one byte, too; without any, most options are refused.
bool is_taken(const Option& option, int level, SocketKind kind, const void* value,
              socklen_t length) {
  if (level == IPPROTO_IPV6 && !kind.ipv6) return false;
  if (kind.protocol == Protocol::kMptcp &&
      (option.mptcp == Mptcp::kRefused || (level == IPPROTO_IPV6 && option.both))) {
    return false;
  }
  if (option.kind == Kind::kPorts && length != sizeof(int)) return false;
  if (level == IPPROTO_IP && length == 0) return false;
  std::size_t least = sizeof(int);
  if (option.kind == Kind::kLinger) least = sizeof(struct linger);
  if (option.kind == Kind::kTimeval) least = sizeof(KernelTimeval);
  if (option.kind == Kind::kName) least = level == IPPROTO_TCP ? 1 : 0;
  if (option.kind == Kind::kRaw || level == IPPROTO_IP) least = 0;
  if (length < least || length > INT32_MAX) return false;
  if (option.kind == Kind::kName) return is_readable_name(level, value, length);
  std::size_t read = least != 0 ? least : std::min<std::size_t>(length, sizeof(int));
  if (option.kind == Kind::kRate && length >= sizeof(long)) read = sizeof(long);
  return read == 0 || system::is_readable(value, read);
}

}  // namespace

// Whether the kernel refuses the option for what has become of the socket.
bool SocketHooks::is_too_late(int fd, const Option& option, SocketKind kind) const {
  switch (option.bind_order) {
    case BindOrder::kBefore:
    case BindOrder::kOnlyBefore:
      // TCP itself refuses only IPV6_V6ONLY; the others no longer have an effect.
      if (!option.ipv4.exists()) return local_address(fd).port != 0;
      if (kind.protocol != Protocol::kMptcp) return false;
      break;
    case BindOrder::kNotConnected:
      if (option.inheritance == Inheritance::kClient && listens(fd)) return true;
      break;
    case BindOrder::kAny:
      return false;
  }
  const int state = tcp_state(fd);
  return state != TCP_CLOSE && state != TCP_LISTEN;
}

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

// What applies to these options on this socket; false if listen or connect will decide it.
bool SocketHooks::is_decided(int fd, const DescriptorState& state, OptionSet rows,
                             Decision& decision) const {
  const Address& address = descriptors_.address(fd);
  if ((rows & plan_.deferred()).empty()) {
    decision = plan_.base();
  } else if (listens(fd)) {
    decide_listener(fd, decision);
  } else if (state.role == Role::kAccepted && is_from(fd, address)) {
    plan_.decide(Side::kListen, address, decision);
  } else if (state.role == Role::kConnecting && connects_to(fd, address)) {
    plan_.decide(Side::kConnect, address, decision);
  } else {
    return false;
  }
  return true;
}

// No hint is trusted here: the number may be another socket's by now.
const Setting* SocketHooks::replacement(int fd, OptionId id, const void* value, socklen_t length,
                                        KernelName& kernel_name) {
  const DescriptorState state = descriptors_.state(fd);
  if (state.kind.protocol == Protocol::kOther) return nullptr;
  const SocketKind kind = identify(fd, ops_);
  if (!kind.is_ours()) return nullptr;
  const OptionSet rows = same_state(id) & plan_.enforceable();
  Decision decision;
  if (!is_decided(fd, state, rows, decision)) {
    decision = plan_.base();
    // A value listen or connect will set; a call that was made cannot be taken back.
    decision.enforced = {};
  }
  const OptionSet replaced = rows & (decision.enforced | decision.ignored);
  if (replaced.empty()) return nullptr;
  const Setting* setting = decision.settings[*replaced.begin()];
  const Option& option = policy_.option(setting->option);
  if (setting->ignores) {
    const Option& asked = policy_.option(id);
    const bool taken = is_taken(asked, kernel_name.level, kind, value, length);
    return taken && !is_too_late(fd, asked, kind) ? setting : nullptr;
  }
  const bool by_its_name = kernel_name == option.ipv4 || kernel_name == option.ipv6;
  if (!by_its_name) kernel_name = kind.ipv6 && option.ipv6.exists() ? option.ipv6 : option.ipv4;
  return setting;
}

}  // namespace sockopt
