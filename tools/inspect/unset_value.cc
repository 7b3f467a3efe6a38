// SPDX-License-Identifier: MIT
#include "tools/inspect/unset_value.h"

namespace sockopt {

std::optional<Value> unset_value(const Option& option) {
  if (option.read_back == ReadBack::kMss) return value_of_int(0);
  if (option.key == "bindtodevice") return value_of_bytes("", 1);
  if (option.key == "incoming_cpu") return value_of_int(-1);
  if (option.kind == Kind::kPorts) return value_of_int(0);
  if (option.kind == Kind::kRate) {
    constexpr long kUnlimited = -1;
    return value_of_bytes(&kUnlimited, sizeof kUnlimited);
  }
  return std::nullopt;
}

bool is_unset(const Option& option, const Value& held) {
  if (!unset_value(option)) return false;
  if (option.kind == Kind::kName) return held.size == 0 || held.bytes[0] == '\0';
  return held.number(option.kind) == unset_value(option)->number(option.kind);
}

}  // namespace sockopt
