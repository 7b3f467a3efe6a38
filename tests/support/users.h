// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace sockopt::test {

/// Also what the kernel shows for a user that a namespace does not know.
inline constexpr uid_t kNobody = 65534;

}  // namespace sockopt::test
