// SPDX-License-Identifier: MIT
//
// SystemCallFilter=: what becomes of the calls that set socket options.
#pragma once

#include "tools/systemd/unit_settings.h"

namespace sockopt {

enum class CallVerdict {
  kAllowed,
  kRefused,  ///< it fails with an errno
  kKilled,   ///< it ends the process
};

/// The worst of getsockopt and setsockopt.
CallVerdict socket_option_calls(const UnitSettings& settings);

}  // namespace sockopt
