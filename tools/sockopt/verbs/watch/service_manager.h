// SPDX-License-Identifier: MIT
//
// A service of Type=notify tells systemd when it has started: a datagram to the socket that it was
// told of (sd_notify(3)).
#pragma once

#include <string_view>

namespace sockopt {

/// `READY=1`. Without a manager that waits for it, nothing.
void tell_service_manager(std::string_view state);

}  // namespace sockopt
