// SPDX-License-Identifier: MIT
//
// Looking into another process fails for reasons that must not be mixed up: it ended meanwhile
// (nothing to say), we may not look (the operator must hear of it, for "no sockets" would be a
// lie), the kernel cannot do it. A Result holds what was asked for or that reason.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace sockopt {

enum class Obstacle {
  kGone,          ///< the process or the descriptor is no longer there
  kDenied,        ///< no ptrace access: another user, CAP_SYS_PTRACE, not dumpable, Yama
  kUnsupported,   ///< the kernel, or a sandbox around us, does not offer the call
  kOtherProc,     ///< /proc is of another pid namespace, and its numbers are not ours
  kNoMainThread,  ///< its main thread has ended, and this kernel looks into no other
  kOther,
};

struct Failure {
  Obstacle obstacle = Obstacle::kOther;
  std::string call;  ///< what was tried: pidfd_getfd, open /proc/1/fd
  int error = 0;     ///< its errno

  /// Sorts the errno of a call into the obstacle that it means.
  static Failure of(std::string call, int error);

  /// `pidfd_getfd: Operation not permitted`.
  std::string text() const;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}
  Result(Failure failure) : content_(std::move(failure)) {}

  explicit operator bool() const { return std::holds_alternative<T>(content_); }
  T& operator*() { return std::get<T>(content_); }
  const T& operator*() const { return std::get<T>(content_); }
  T* operator->() { return &std::get<T>(content_); }
  const T* operator->() const { return &std::get<T>(content_); }
  const Failure& failure() const { return std::get<Failure>(content_); }

 private:
  std::variant<T, Failure> content_;
};

}  // namespace sockopt
