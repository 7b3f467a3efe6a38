// SPDX-License-Identifier: MIT
//
// A TCP or MPTCP socket of another process, through a duplicate of its descriptor: what it is, what
// the kernel holds for its options, and a descriptor to change them with. Make one at a time, do
// nothing that may block while it exists, and let it go before anything is written out: the peer of
// a connection that the owner closes meanwhile gets its FIN only then.
#pragma once

#include <cstdint>
#include <optional>

#include "shim/options/value.h"
#include "tools/inspect/endpoint.h"
#include "tools/inspect/foreign_process.h"
#include "tools/inspect/result.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {

/// What a socket is, apart from its options.
struct SocketFacts {
  int fd = -1;                   ///< its number in the process
  std::uint64_t inode = 0;       ///< the same for every process that shares the socket
  std::uint64_t cookie = 0;      ///< SO_COOKIE: never used again while the system runs
  std::uint64_t net_cookie = 0;  ///< SO_NETNS_COOKIE, of its network namespace; 0: not known
  int domain = 0;                ///< AF_INET or AF_INET6
  int protocol = 0;              ///< IPPROTO_TCP or IPPROTO_MPTCP
  bool listening = false;        ///< SO_ACCEPTCONN
  std::optional<int> state{};    ///< TCP_ESTABLISHED ... of netinet/tcp.h
  Endpoint local{};
  Endpoint peer{};
  /// Of listeners: connections that wait for accept, how many may, and what the kernel counts as
  /// drops (listen_drops.h).
  std::optional<std::uint32_t> queue{};
  std::optional<std::uint32_t> queue_limit{};
  std::optional<std::uint32_t> drops{};

  bool connected() const { return peer.exists(); }
};

/// An option as the kernel holds it: a value, or the errno of getsockopt.
struct OptionReading {
  int error = 0;
  Value value{};
  /// Of a buffer's size: whether the kernel tunes it. Nothing where it does not tell.
  std::optional<bool> tuned{};

  explicit operator bool() const { return error == 0; }
};

class ForeignSocket {
 public:
  /// Nothing if descriptor `number` of the process is not, or no longer, a TCP or MPTCP socket.
  static Result<std::optional<ForeignSocket>> open(const ForeignProcess& process, int number);

  int fd() const { return copy_.get(); }  ///< ours, for as long as this object lives
  const SocketFacts& facts() const { return facts_; }

  OptionReading read(KernelName name) const;

 private:
  ForeignSocket(UniqueFd copy, SocketFacts facts);

  UniqueFd copy_;
  SocketFacts facts_;
};

/// What can be told of a descriptor of our own; nothing if it is not TCP or MPTCP.
std::optional<SocketFacts> socket_facts(int fd);

/// SO_NETNS_COOKIE; 0 where the kernel has none.
std::uint64_t net_cookie_of(int fd);
/// Of the namespace that the calling thread is in.
std::uint64_t own_net_cookie();

OptionReading read_raw_option(int fd, KernelName name);

/// `LISTEN`, `ESTAB`, as ss(8) abbreviates.
std::string_view state_name(int state);

}  // namespace sockopt
