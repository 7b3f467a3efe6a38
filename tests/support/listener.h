// SPDX-License-Identifier: MIT
//
// A listener of the test's own process, which the library is not loaded into: to be inherited by a
// program, to be connected to, or to be looked at.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "tests/support/tcp_client.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {

class Listener {
 public:
  /// On loopback, or on this address of the family.
  explicit Listener(int backlog = 16, int family = AF_INET, int protocol = 0,
                    const std::string& address = {});

  int fd() const { return fd_.get(); }
  /// 0 where the kernel has no such protocol.
  std::uint16_t port() const { return port_; }
  std::string address() const { return family_ == AF_INET ? "127.0.0.1" : "::1"; }
  /// As it is shown: `127.0.0.1:40000`.
  std::string text() const;

  TcpClient connect() const { return {address(), port_}; }
  UniqueFd accept() const;
  int get(int level, int name) const;
  void set(int level, int name, int value) const;
  unsigned backlog() const;

 private:
  int family_;
  UniqueFd fd_;
  std::uint16_t port_ = 0;
};

}  // namespace sockopt::test
