// SPDX-License-Identifier: MIT
//
// A value of an option: read from text by the strict rules of sockopt.ini(5), kept as the bytes
// that setsockopt(2) takes, and formatted as text.  Nothing here knows where the text came from or
// what becomes of the bytes.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string_view>

#include "shim/options/option.h"
#include "shim/text/text.h"

namespace sockopt {

/// What SO_RCVTIMEO and SO_SNDTIMEO take, whatever libc's struct timeval is.
struct KernelTimeval {
  long seconds;
  long microseconds;
};

/// An option's bytes, as setsockopt(2) takes and getsockopt(2) gives them.
struct Value {
  static constexpr std::size_t kMaxBytes = 64;

  unsigned char bytes[kMaxBytes];
  std::uint8_t size;

  const void* data() const { return bytes; }
  socklen_t length() const { return size; }
  /// The number in the first four or eight bytes; of a time, its milliseconds.
  std::int64_t number(Kind kind) const;
  bool operator==(const Value& other) const;
};

Value value_of_int(int number);
Value value_of_bytes(const void* data, std::size_t size);

/// `default`: nothing is set; the kernel keeps its value.
bool means_default(std::string_view text);

/// `ignore`: nothing is written, by the program neither.
bool means_ignore(std::string_view text);

/// Reads `text` as a value of `option`.  If false, `error` says what is
/// accepted, and `value` is untouched.
bool parse_value(const Option& option, std::string_view text, Value& value, Text& error);

/// Writes what parse_value would read back: `60s`, `on`, `1M`, `af21`, `hex:0102`.
void format_value(const Option& option, const Value& value, Text& out);

/// What the option takes: `1s..32767s`, `on|off`, `off|reset|1s..2147483647s`.
void describe_range(const Option& option, Text& out);

std::string_view unit_suffix(Unit unit);
std::string_view unit_name(Unit unit);
std::string_view group_name(Group group);

}  // namespace sockopt
