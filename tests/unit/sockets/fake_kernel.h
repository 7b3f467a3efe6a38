// SPDX-License-Identifier: MIT
//
// Sockets as the core sees them, with what Linux was measured to do: which options an accepted
// socket has from its listener, what MPTCP refuses, what `listen` resets.  Every call that the core
// makes is written down.
#pragma once

#include <netinet/tcp.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shim/policy/address.h"
#include "shim/sockets/socket_ops.h"

namespace sockopt::test {

inline constexpr int kMptcp = 262;

/// What may be asked of a socket: level and name, and the bytes that were set.
using SocketOptions = std::map<std::pair<int, int>, std::vector<unsigned char>>;

struct FakeSocket {
  int domain = 0;
  int protocol = 0;
  int type = SOCK_STREAM;
  bool listening = false;
  int backlog = 0;
  int state = TCP_CLOSE;
  std::uint64_t cookie = 0;
  Address local = {};
  Address peer = {};  ///< once it is connected
  SocketOptions options = {};
  struct Connection {
    int protocol;
    SocketOptions options;
  };
  std::deque<Connection> queue = {};
};

/// Writes the address as the kernel does; returns its length.
socklen_t write_address(const Address& address, sockaddr* out);

class FakeKernel {
 public:
  FakeKernel();
  ~FakeKernel();
  FakeKernel(const FakeKernel&) = delete;
  FakeKernel& operator=(const FakeKernel&) = delete;

  /// Of this kernel, which must be the only one.
  static SocketOps ops();

  /// What opening an MPTCP socket fails with, 0 where it does not.
  int mptcp_error = 0;

  /// The lowest free descriptor, as of socket(2).
  int open(int domain, int protocol, int type = SOCK_STREAM);
  void close(int fd) { sockets_.erase(fd); }
  /// A connect to `peer` ended so, 0 for success; nothing where there is no such socket.
  void connect(int fd, const Address& peer, int error);
  FakeSocket& at(int fd) { return sockets_.at(fd); }

  /// A client of the listener's has completed its handshake; `protocol` is what it speaks.
  void connect_to(int listener, int protocol = 0);
  /// The queue's first connection, or -1 where it is empty.
  int accept(int listener);
  /// These two return 0 or an error number.
  int listen(int fd, int backlog);
  int set(int fd, int level, int name, const void* value, socklen_t length);

  /// The number set for the key on `fd`, as it is written in the file; "-" where it was not set.
  std::string option(int fd, std::string_view key);

  /// The calls since the last time, such as `set 3 keepidle 60s`, `get 3 protocol`.
  std::vector<std::string> take_calls();

  /// Setting this option fails with this errno.
  void refuse(std::string_view key, int error);

 private:
  static int set_called(int fd, int level, int name, const void* value, socklen_t length);
  static int get_called(int fd, int level, int name, void* value, socklen_t* length);
  static int local_called(int fd, sockaddr* address, socklen_t* length);
  static int peer_called(int fd, sockaddr* address, socklen_t* length);
  static int listen_called(int fd, int backlog);

  int get(int fd, int level, int name, void* value, const socklen_t* length);

  std::map<int, FakeSocket> sockets_;
  std::uint64_t last_cookie_ = 0;
  std::map<std::pair<int, int>, int> refusals_;
  std::vector<std::string> calls_;
};

}  // namespace sockopt::test
