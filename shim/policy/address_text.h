// SPDX-License-Identifier: MIT
//
// Numeric addresses as inet_pton(3) reads them, and as RFC 5952 writes them.  Not by libc's
// functions: a program may have its own, and the loader would bind our calls to them.
#pragma once

#include <string_view>

#include "shim/text/text.h"

namespace sockopt {

/// `192.0.2.1` into 4 bytes, in network order.
bool read_ipv4(std::string_view text, unsigned char* bytes);

/// `2001:db8::1`, `::ffff:192.0.2.1` into 16 bytes, in network order.
bool read_ipv6(std::string_view text, unsigned char* bytes);

/// The other way round.
void write_ipv4(const unsigned char* bytes, Text& out);
void write_ipv6(const unsigned char* bytes, Text& out);

}  // namespace sockopt
