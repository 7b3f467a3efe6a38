// SPDX-License-Identifier: MIT
//
// Applies settings to a socket: one setsockopt per kernel option, nothing else, and no failure
// stops the next one.
#pragma once

#include "shim/options/option_set.h"
#include "shim/policy/plan.h"
#include "shim/sockets/socket_kind.h"
#include "shim/sockets/socket_ops.h"

namespace sockopt {

/// Learns what happens to sockets.  Any of the functions may be null.
struct Observer {
  /// A TCP socket that was not known before.
  void (*on_socket_seen)(void* context) = nullptr;
  void (*on_applied)(void* context, int fd, const Setting& setting) = nullptr;
  /// `error` is the kernel's, or 0 where MPTCP is known not to take the option and nothing was
  /// tried.
  void (*on_refused)(void* context, int fd, const Setting& setting, int error) = nullptr;
  /// The program's own call was made with the setting's value, or not at all.
  void (*on_replaced)(void* context, int fd, const Setting& setting, const void* value,
                      socklen_t length) = nullptr;
  /// The program listened with a backlog of `asked`.
  void (*on_backlog)(void* context, int fd, const Setting& setting, int asked) = nullptr;
  void* context = nullptr;
};

/// The kernel names of a row on a socket of one kind, at most two.
struct KernelNames {
  KernelName list[2];
  int count = 0;

  const KernelName* begin() const { return list; }
  const KernelName* end() const { return list + count; }
};
KernelNames names_for(const Option& option, SocketKind kind);

/// Applies the decision's settings for `options` to `fd`.  Returns what the socket turned out to
/// be: MPTCP instead of TCP (a BPF program or another preloaded library changed the protocol),
/// another socket that took over the number, or unknown if the descriptor is gone.
SocketKind apply(int fd, SocketKind kind, OptionSet options, const Policy& policy,
                 const Decision& decision, const SocketOps& ops, const Observer& observer);

/// For a setting that the kernel refused with `error`: returns as above, and where the socket is
/// what it was taken for tells the observer.
SocketKind take_refusal(int fd, SocketKind kind, const Setting& setting, int error,
                        const Policy& policy, const SocketOps& ops, const Observer& observer);

/// Why the kernel refused the value, in words, with what would help: `needs CAP_NET_ADMIN`.
void describe_refusal(const Option& option, const Value& value, int error, Text& out);

}  // namespace sockopt
