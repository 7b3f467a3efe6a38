// SPDX-License-Identifier: MIT
//
// Listeners get no option but IPV6_V6ONLY, whose default a sysctl decides.

#include "listeners.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "process.h"

namespace demo {
namespace {

int open_listener(const Settings& settings, bool ipv6) {
  const int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, settings.protocol);
  if (fd < 0) fail_errno(settings.protocol == kMptcp ? "MPTCP socket" : "TCP socket");
  const auto port = htons(static_cast<in_port_t>(settings.port));
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_in);
  if (ipv6) {
    const int v6only = settings.family == "dual" ? 0 : 1;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof v6only) != 0) {
      fail_errno("IPV6_V6ONLY");
    }
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = port;
    address.sin6_addr = settings.any ? in6addr_any : in6addr_loopback;
    size = sizeof address;
    std::memcpy(&storage, &address, size);
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = port;
    address.sin_addr.s_addr = htonl(settings.any ? INADDR_ANY : INADDR_LOOPBACK);
    std::memcpy(&storage, &address, size);
  }
  if (bind(fd, reinterpret_cast<const sockaddr*>(&storage), size) != 0) {
    fail_errno((ipv6 ? "bind IPv6, port " : "bind IPv4, port ") + std::to_string(settings.port));
  }
  if (listen(fd, settings.backlog) != 0) fail_errno("listen");
  return fd;
}

void check_inherited(int fd) {
  const std::string name = "descriptor " + std::to_string(fd);
  int listening = 0;
  int domain = 0;
  socklen_t size = sizeof(int);
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
      getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) {
    fail_errno(name);
  }
  if (listening == 0 || (domain != AF_INET && domain != AF_INET6)) {
    fail(1, name + " is no TCP listener");
  }
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) fail_errno(name);
}

}  // namespace

void add_listen_fds(Settings& settings) {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr) {
    fail(1, "--inherited: LISTEN_PID or LISTEN_FDS is not set");
  }
  int number = 0;
  if (!parse_number(pid, getpid(), getpid(), number)) {
    fail(1, "--inherited: LISTEN_PID is '" + std::string(pid) + "', this process " +
                std::to_string(getpid()));
  }
  if (!parse_number(count, 1, 1024, number)) {
    fail(1, "--inherited: LISTEN_FDS is '" + std::string(count) + "', not a number from 1 to 1024");
  }
  for (int fd = 3; fd < 3 + number; ++fd) settings.descriptors.push_back(fd);
}

std::vector<int> open_listeners(const Settings& settings) {
  if (!settings.descriptors.empty()) {
    std::for_each(settings.descriptors.begin(), settings.descriptors.end(), check_inherited);
    return settings.descriptors;
  }
  std::vector<int> listeners;
  if (settings.family == "4" || settings.family == "both") {
    listeners.push_back(open_listener(settings, false));
  }
  if (settings.family != "4") listeners.push_back(open_listener(settings, true));
  return listeners;
}

}  // namespace demo
