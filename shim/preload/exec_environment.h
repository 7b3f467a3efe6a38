// SPDX-License-Identifier: MIT
//
// The environment that the program was given.  What environ(7) leads to may be another one by the
// time we start: another library's constructor may have cleared it, or taken LD_PRELOAD out of it
// so that children are not traced.
#pragma once

#include "shim/config/environment.h"

namespace sockopt {

/// As exec(2) put it into memory, where unsetenv(3) and clearenv(3) leave it; none where there is
/// no /proc to tell where.
EnvironmentView exec_environment();

}  // namespace sockopt
