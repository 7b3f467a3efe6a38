// SPDX-License-Identifier: MIT
#include "tools/inspect/result.h"

#include <cerrno>
#include <system_error>

namespace sockopt {
namespace {

Obstacle obstacle_of(int error) {
  switch (error) {
    case ESRCH:
    case ENOENT:
    case EBADF:
      return Obstacle::kGone;
    case EPERM:
    case EACCES:
      return Obstacle::kDenied;
    case ENOSYS:
      return Obstacle::kUnsupported;
    default:
      return Obstacle::kOther;
  }
}

}  // namespace

Failure Failure::of(std::string call, int error) {
  return {obstacle_of(error), std::move(call), error};
}

std::string Failure::text() const { return call + ": " + std::generic_category().message(error); }

}  // namespace sockopt
