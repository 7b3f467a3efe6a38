// SPDX-License-Identifier: MIT
//
// A program under the library: each of its calls goes through the socket hooks and the fake kernel
// in the order in which the hooks call them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shim/sockets/socket_hooks.h"
#include "tests/support/configuration.h"
#include "tests/unit/sockets/fake_kernel.h"

namespace sockopt::test {

using Calls = std::vector<std::string>;

class ShimmedProgram {
 public:
  /// `settings` stand in [sockopt], unless they begin with a section of their own.  Descriptors
  /// from `known` on are not remembered.  `applied` is told only where it is asked for, as with
  /// `log = debug`.
  explicit ShimmedProgram(std::string_view settings, std::size_t known = 64,
                          bool tells_applied = false);

  int socket(int domain = AF_INET, int protocol = 0, int type = SOCK_STREAM);
  void bind(int fd, std::string_view address);
  void listen(int fd, int backlog = 128);
  /// `error` is what connect fails with, 0 where it succeeds.
  void connect(int fd, std::string_view address, int error = 0);
  void connect(int fd, const sockaddr* address, socklen_t length, int error = 0);
  /// connect(2) to AF_UNSPEC.
  void disconnect(int fd, int error = 0);
  /// -1 with EAGAIN where no connection waits.
  int accept(int listener);
  /// 0 or an error number.
  int setsockopt(int fd, std::string_view key, std::string_view text);
  int setsockopt(int fd, KernelName name, const void* value, socklen_t length);

  /// A client connects and is accepted.
  int serve(int listener, int protocol = 0);
  /// A listener that was there before the program: with this queue, and settings of its own.
  int inherited_listener(int domain = AF_INET, int backlog = 5, int queued = 0,
                         int protocol = IPPROTO_TCP);

  /// What the core called since the last time.
  Calls calls() { return kernel.take_calls(); }
  /// Of these, without the questions.
  Calls changes();
  /// Settings that were refused, as `ttl 1` with the errno.
  const Calls& refused() const { return refused_; }
  /// Settings that are said to have been applied, in order: `3 keepidle`.
  const Calls& applied() const { return applied_; }
  int sockets_seen() const { return sockets_seen_; }

  FakeKernel kernel;
  SocketHooks& hooks() { return *hooks_; }

 private:
  static void seen_called(void* self);
  static void applied_called(void* self, int fd, const Setting& setting);
  static void refused_called(void* self, int fd, const Setting& setting, int error);

  Configuration configuration_;
  std::unique_ptr<Plan> plan_;
  std::vector<Descriptors::Slot> slots_;
  std::unique_ptr<SocketHooks> hooks_;
  Calls refused_;
  Calls applied_;
  int sockets_seen_ = 0;
};

}  // namespace sockopt::test
