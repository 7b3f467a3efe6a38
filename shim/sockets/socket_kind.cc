// SPDX-License-Identifier: MIT
#include "shim/sockets/socket_kind.h"

namespace sockopt {

SocketKind identify(int fd, const SocketCalls& calls) {
  const int number = calls.get_int(fd, SOL_SOCKET, SO_PROTOCOL);
  if (number < 0) return {};
  const Protocol protocol = protocol_of(number);
  if (protocol == Protocol::kOther || calls.get_int(fd, SOL_SOCKET, SO_TYPE) != SOCK_STREAM) {
    return {Protocol::kOther, false};
  }
  return {protocol, calls.get_int(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6};
}

}  // namespace sockopt
