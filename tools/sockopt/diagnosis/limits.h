// SPDX-License-Identifier: MIT
//
// Numbers that both `check` and `doctor` go by.
#pragma once

#include <cstdint>

namespace sockopt {

/// The seconds that common load balancers and NAT gateways keep an idle connection: most, and the
/// least patient.
inline constexpr std::int64_t kMiddleboxPatience = 350;
inline constexpr std::int64_t kLeastPatience = 240;

/// The bits of net.ipv4.tcp_fastopen.
inline constexpr std::int64_t kFastopenClient = 1;
inline constexpr std::int64_t kFastopenServer = 2;

}  // namespace sockopt
