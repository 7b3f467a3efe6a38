// SPDX-License-Identifier: MIT
#include "tests/unit/sockets/fake_kernel.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>

#include "shim/options/lookup.h"
#include "shim/options/value.h"
#include "shim/system/memory.h"
#include "tests/unit/options/values.h"

namespace sockopt::test {
namespace {

FakeKernel* g_kernel = nullptr;

// `keepidle 60s`; for a name of the IPv6 level `tos/6 af21`.
std::string describe(int level, int name, const void* data, socklen_t length) {
  const OptionId id = find_kernel_name(level, name);
  const Value value = value_of_bytes(data, length);
  if (id == kNoOption) {
    return std::to_string(level) + '/' + std::to_string(name) + ' ' +
           formatted(raw_option(), value);
  }
  const bool ipv6 = kOptions[id].ipv4.exists() && level == IPPROTO_IPV6;
  return std::string(kOptions[id].key.view()) + (ipv6 ? "/6 " : " ") +
         formatted(kOptions[id], value);
}

std::string describe_question(int level, int name) {
  if (level == SOL_SOCKET && name == SO_PROTOCOL) return "protocol";
  if (level == SOL_SOCKET && name == SO_TYPE) return "type";
  if (level == SOL_SOCKET && name == SO_DOMAIN) return "domain";
  if (level == SOL_SOCKET && name == SO_ACCEPTCONN) return "listens";
  if (level == SOL_SOCKET && name == SO_COOKIE) return "cookie";
  if (level == IPPROTO_TCP && name == TCP_INFO) return "info";
  return std::to_string(level) + '/' + std::to_string(name);
}

// What is per socket is not inherited, and a plain TCP client of an MPTCP listener
// lacks what the table says it lacks.
SocketOptions inherited(const FakeSocket& listener, int protocol) {
  SocketOptions options;
  for (const auto& [name, value] : listener.options) {
    const OptionId id = find_kernel_name(name.first, name.second);
    if (id != kNoOption) {
      const Option& option = kOptions[id];
      if (option.inheritance == Inheritance::kPerSocket) continue;
      if (option.inheritance == Inheritance::kListener) continue;
      if (listener.protocol == kMptcp && protocol == IPPROTO_TCP && option.mptcp != Mptcp::kTaken) {
        continue;
      }
    }
    options.emplace(name, value);
  }
  return options;
}

}  // namespace

socklen_t write_address(const Address& address, sockaddr* out) {
  if (address.family == Address::Family::kIpv4) {
    sockaddr_in ipv4 = {};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(address.port);
    std::memcpy(&ipv4.sin_addr, address.bytes, sizeof ipv4.sin_addr);
    std::memcpy(out, &ipv4, sizeof ipv4);
    return sizeof ipv4;
  }
  sockaddr_in6 ipv6 = {};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(address.port);
  std::memcpy(&ipv6.sin6_addr, address.bytes, sizeof ipv6.sin6_addr);
  std::memcpy(out, &ipv6, sizeof ipv6);
  return sizeof ipv6;
}

FakeKernel::FakeKernel() { g_kernel = this; }

FakeKernel::~FakeKernel() { g_kernel = nullptr; }

SocketOps FakeKernel::ops() {
  return {set_called, get_called, local_called, peer_called, listen_called};
}

int FakeKernel::open(int domain, int protocol, int type) {
  int fd = 3;
  while (sockets_.contains(fd)) ++fd;
  FakeSocket& socket = sockets_[fd];
  socket.domain = domain;
  socket.protocol = protocol;
  socket.type = type;
  socket.cookie = ++last_cookie_;
  socket.local.family = domain == AF_INET6 ? Address::Family::kIpv6 : Address::Family::kIpv4;
  return fd;
}

void FakeKernel::connect(int fd, const Address& peer, int error) {
  if (!sockets_.contains(fd)) return;
  FakeSocket& socket = at(fd);
  if (error == 0) socket.peer = peer;
  if (error == EALREADY || error == EISCONN) return;
  socket.state = error == 0 ? TCP_ESTABLISHED : error == EINPROGRESS ? TCP_SYN_SENT : TCP_CLOSE;
}

void FakeKernel::connect_to(int listener, int protocol) {
  FakeSocket& socket = at(listener);
  if (protocol == 0) protocol = socket.protocol;
  socket.queue.push_back({protocol, inherited(socket, protocol)});
}

int FakeKernel::accept(int listener) {
  FakeSocket& socket = at(listener);
  if (socket.queue.empty()) return -1;
  const FakeSocket::Connection connection = socket.queue.front();
  socket.queue.pop_front();
  const int fd = open(socket.domain, connection.protocol);
  at(fd).options = connection.options;
  at(fd).local.port = at(listener).local.port;
  return fd;
}

int FakeKernel::listen(int fd, int backlog) {
  FakeSocket& socket = at(fd);
  if (!socket.listening) socket.options.erase({IPPROTO_TCP, TCP_QUICKACK});
  if (socket.local.port == 0) socket.local.port = 40000;
  socket.listening = true;
  socket.backlog = backlog;
  return 0;
}

int FakeKernel::set(int fd, int level, int name, const void* value, socklen_t length) {
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) return EBADF;
  FakeSocket& socket = found->second;
  if (socket.domain == AF_UNSPEC) return ENOTSOCK;
  if (const auto refused = refusals_.find({level, name}); refused != refusals_.end()) {
    return refused->second;
  }
  const bool tcp =
      socket.type == SOCK_STREAM && (socket.protocol == IPPROTO_TCP || socket.protocol == kMptcp);
  if (level == IPPROTO_TCP && !tcp) return ENOPROTOOPT;
  if (level == IPPROTO_IPV6 && socket.domain != AF_INET6) return ENOPROTOOPT;
  const OptionId id = find_kernel_name(level, name);
  if (socket.protocol == kMptcp && id != kNoOption && kOptions[id].mptcp == Mptcp::kRefused) {
    return level == IPPROTO_TCP ? ENOPROTOOPT : EOPNOTSUPP;
  }
  if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY && socket.local.port != 0) return EINVAL;
  if (length != 0 && !system::is_plausible(value)) return EFAULT;
  const auto* bytes = static_cast<const unsigned char*>(value);
  socket.options[{level, name}] = {bytes, bytes + length};
  return 0;
}

int FakeKernel::get(int fd, int level, int name, void* value, const socklen_t* length) {
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) return EBADF;
  const FakeSocket& socket = found->second;
  if (socket.domain == AF_UNSPEC) return ENOTSOCK;
  if (level == IPPROTO_TCP && name == TCP_INFO) {
    tcp_info info = {};
    info.tcpi_state = static_cast<std::uint8_t>(socket.state);
    info.tcpi_sacked = static_cast<std::uint32_t>(socket.backlog);
    info.tcpi_unacked = static_cast<std::uint32_t>(socket.queue.size());
    std::memcpy(value, &info, *length < sizeof info ? *length : sizeof info);
    return 0;
  }
  if (level == SOL_SOCKET && name == SO_COOKIE) {
    std::memcpy(value, &socket.cookie, sizeof socket.cookie);
    return 0;
  }
  int answer = 0;
  if (level != SOL_SOCKET) return ENOPROTOOPT;
  if (name == SO_PROTOCOL) answer = socket.protocol;
  if (name == SO_TYPE) answer = socket.type;
  if (name == SO_DOMAIN) answer = socket.domain;
  if (name == SO_ACCEPTCONN) answer = socket.listening ? 1 : 0;
  std::memcpy(value, &answer, sizeof answer);
  return 0;
}

std::string FakeKernel::option(int fd, std::string_view key) {
  const Option& option = option_of(key);
  for (const KernelName name : {option.ipv4, option.ipv6}) {
    const auto found = at(fd).options.find({name.level, name.name});
    if (found == at(fd).options.end()) continue;
    return formatted(option, value_of_bytes(found->second.data(), found->second.size()));
  }
  return "-";
}

std::vector<std::string> FakeKernel::take_calls() { return std::exchange(calls_, {}); }

void FakeKernel::refuse(std::string_view key, int error) {
  const Option& option = option_of(key);
  for (const KernelName name : {option.ipv4, option.ipv6}) {
    if (name.exists()) refusals_[{name.level, name.name}] = error;
  }
}

int FakeKernel::set_called(int fd, int level, int name, const void* value, socklen_t length) {
  g_kernel->calls_.push_back("set " + std::to_string(fd) + ' ' +
                             describe(level, name, value, length));
  return g_kernel->set(fd, level, name, value, length);
}

int FakeKernel::get_called(int fd, int level, int name, void* value, socklen_t* length) {
  g_kernel->calls_.push_back("get " + std::to_string(fd) + ' ' + describe_question(level, name));
  return g_kernel->get(fd, level, name, value, length);
}

int FakeKernel::local_called(int fd, sockaddr* address, socklen_t* length) {
  g_kernel->calls_.push_back("name " + std::to_string(fd));
  const auto found = g_kernel->sockets_.find(fd);
  if (found == g_kernel->sockets_.end()) return EBADF;
  *length = write_address(found->second.local, address);
  return 0;
}

int FakeKernel::peer_called(int fd, sockaddr* address, socklen_t* length) {
  g_kernel->calls_.push_back("peer " + std::to_string(fd));
  const auto found = g_kernel->sockets_.find(fd);
  if (found == g_kernel->sockets_.end()) return EBADF;
  if (found->second.peer.family == Address::Family::kNone) return ENOTCONN;
  *length = write_address(found->second.peer, address);
  return 0;
}

int FakeKernel::listen_called(int fd, int backlog) {
  g_kernel->calls_.push_back("listen " + std::to_string(fd) + ' ' + std::to_string(backlog));
  return g_kernel->listen(fd, backlog);
}

}  // namespace sockopt::test
