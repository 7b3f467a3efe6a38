// SPDX-License-Identifier: MIT
//
// What is done to a socket at each call of its life.  The hooks call this around the real
// functions and hold no logic of their own; tests drive it with a recorder in place of the kernel.
// Nothing here changes the program's result; errno is the caller's to keep.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "shim/policy/plan.h"
#include "shim/policy/policy.h"
#include "shim/sockets/apply.h"
#include "shim/sockets/descriptors.h"
#include "shim/sockets/socket_calls.h"

namespace sockopt {

class Lifecycle {
 public:
  Lifecycle(const Policy& policy, const Plan& plan, const SocketCalls& calls,
            Descriptors descriptors, const Witness& witness);

  void after_socket(int fd, int domain, int type, int protocol);
  void before_bind(int fd, const sockaddr* address, socklen_t length);
  /// Returns the backlog to listen with.
  int before_listen(int fd, int backlog);
  void after_listen(int fd);
  void before_connect(int fd, const sockaddr* address, socklen_t length);
  /// `error` is 0 where connect succeeded.
  void after_connect(int fd, int error);
  void before_accept(int listener) {
    if (is_unprepared(descriptors_.state(listener).role)) adopt(listener);
  }
  /// `fd` is what accept returned, `error` its errno.
  void after_accept(int listener, int fd, int error);
  /// The program's own setsockopt succeeded.
  void after_setsockopt(int fd, int level, int name);

  /// An inherited listener: puts the settings and the backlog onto it, and sees to it that the
  /// connections that were queued before get theirs.  Nothing happens to what is no listener.
  void adopt(int fd);

 private:
  static bool is_unprepared(Role role) {
    return role != Role::kPrepared && role != Role::kAttended && role != Role::kDraining;
  }

  DescriptorState known_state(int fd, const sockaddr* address, socklen_t length);
  DescriptorState identified(int fd);
  void put(int fd, DescriptorState& state, OptionSet options);
  void attend(int fd, const DescriptorState& listener, OptionSet options);
  void meet() const {
    if (witness_.met != nullptr) witness_.met(witness_.context);
  }
  Role role_of_listener(SocketKind kind) const;
  int raised(int backlog) const;

  const Policy& policy_;
  const Plan& plan_;
  SocketCalls calls_;
  Descriptors descriptors_;
  Witness witness_;
  OptionSet bound_listener_;  // what a listener that is bound already can still be given
  OptionSet accepted_;        // what an accepted socket can still be given
  OptionSet plain_on_mptcp_;  // of that, what plain TCP connections of an MPTCP listener lack
};

}  // namespace sockopt
