// SPDX-License-Identifier: MIT
//
// Numeric addresses as inet_pton(3) reads them.  Not by that function: a program may have one of
// its own, and the loader would bind our call to it.
#pragma once

#include <string_view>

namespace sockopt {

/// `192.0.2.1` into 4 bytes, in network order.
bool read_ipv4(std::string_view text, unsigned char* bytes);

/// `2001:db8::1`, `::ffff:192.0.2.1` into 16 bytes, in network order.
bool read_ipv6(std::string_view text, unsigned char* bytes);

}  // namespace sockopt
