// SPDX-License-Identifier: MIT
#include "tests/support/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <stdexcept>

namespace sockopt::test {

Listener::Listener(int backlog, int family, int protocol, const std::string& address)
    : family_(family), fd_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol)) {
  if (!fd_) return;
  sockaddr_storage local{};
  local.ss_family = static_cast<sa_family_t>(family);
  auto& four = reinterpret_cast<sockaddr_in&>(local);
  auto& six = reinterpret_cast<sockaddr_in6&>(local);
  void* bytes = family == AF_INET ? static_cast<void*>(&four.sin_addr) : &six.sin6_addr;
  socklen_t size = family == AF_INET ? sizeof four : sizeof six;
  auto* raw = reinterpret_cast<sockaddr*>(&local);
  if (inet_pton(family, (address.empty() ? this->address() : address).c_str(), bytes) != 1 ||
      bind(fd(), raw, size) != 0 || listen(fd(), backlog) != 0 ||
      getsockname(fd(), raw, &size) != 0) {
    throw std::runtime_error("no listener on " + address);
  }
  port_ = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
}

std::string Listener::text() const {
  return (family_ == AF_INET ? address() : "[" + address() + "]") + ":" + std::to_string(port_);
}

UniqueFd Listener::accept() const {
  return UniqueFd(accept4(fd(), nullptr, nullptr, SOCK_CLOEXEC));
}

int Listener::get(int level, int name) const {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(fd(), level, name, &value, &size);
  return value;
}

void Listener::set(int level, int name, int value) const {
  if (setsockopt(fd(), level, name, &value, sizeof value) != 0) {
    throw std::runtime_error("setsockopt");
  }
}

unsigned Listener::backlog() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  getsockopt(fd(), IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_sacked;
}

}  // namespace sockopt::test
