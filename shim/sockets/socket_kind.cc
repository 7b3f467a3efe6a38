// SPDX-License-Identifier: MIT
#include "shim/sockets/socket_kind.h"

namespace sockopt {

SocketKind identify(int fd, const SocketOps& ops) {
  const int number = ops.get_int(fd, SOL_SOCKET, SO_PROTOCOL);
  if (number < 0) return {};
  const Protocol protocol = protocol_of(number);
  if (protocol == Protocol::kOther || ops.get_int(fd, SOL_SOCKET, SO_TYPE) != SOCK_STREAM) {
    return {Protocol::kOther, false};
  }
  return {protocol, ops.get_int(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6};
}

}  // namespace sockopt
