// SPDX-License-Identifier: MIT
//
// What a descriptor is: a TCP or MPTCP socket, or none of our business.  The arguments of socket(2)
// tell, if we saw them; otherwise the kernel does, by the protocol: SO_ and IP_ options succeed
// silently on UDP and UNIX sockets, so trying proves nothing.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

#include "shim/sockets/socket_ops.h"

namespace sockopt {

enum class Protocol : std::uint8_t { kUnknown, kOther, kTcp, kMptcp };

struct SocketKind {
  Protocol protocol = Protocol::kUnknown;
  bool ipv6 = false;

  bool is_ours() const { return protocol == Protocol::kTcp || protocol == Protocol::kMptcp; }
  bool operator==(const SocketKind&) const = default;
};

inline constexpr int kIpProtocolMptcp = 262;

constexpr Protocol protocol_of(int number) {
  return number == IPPROTO_TCP        ? Protocol::kTcp
         : number == kIpProtocolMptcp ? Protocol::kMptcp
                                      : Protocol::kOther;
}

/// By the arguments of socket(2); `type` may carry SOCK_CLOEXEC and SOCK_NONBLOCK.
constexpr SocketKind kind_of(int domain, int type, int protocol) {
  constexpr int kTypeMask = 0xf;
  const bool stream = (type & kTypeMask) == SOCK_STREAM;
  if (!stream || (domain != AF_INET && domain != AF_INET6)) return {Protocol::kOther, false};
  return {protocol == 0 ? Protocol::kTcp : protocol_of(protocol), domain == AF_INET6};
}

/// Asks the kernel: one getsockopt for most of what is not ours, three for what is.  kUnknown if
/// `fd` is not a socket.  A raw socket may have TCP's protocol number, and is not one.
SocketKind identify(int fd, const SocketOps& ops);

}  // namespace sockopt
