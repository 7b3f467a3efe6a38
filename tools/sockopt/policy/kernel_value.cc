// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/kernel_value.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

std::int64_t linger_number(const Value& value) {
  struct linger linger = {};
  std::memcpy(&linger, value.bytes, std::min<std::size_t>(value.size, sizeof linger));
  return linger.l_onoff == 0 ? -1 : linger.l_linger;
}

// As the kernel has it, which is empty for no device.
std::string text_of(const Option& option, const Value& value) {
  TextOf<256> text;
  format_value(option, value, text);
  return printable(text.view());
}

}  // namespace

KernelValue kernel_value(const Option& option, const Value& value) {
  switch (option.kind) {
    case Kind::kLinger:
      return linger_number(value);
    case Kind::kName:
    case Kind::kPorts:
      return text_of(option, value);
    case Kind::kRaw:
      if (value.size == sizeof(int)) return value.number(option.kind);
      return text_of(option, value);
    case Kind::kRate:
      return static_cast<std::uint64_t>(value.number(option.kind));
    default:
      return value.number(option.kind);
  }
}

nlohmann::ordered_json kernel_value_json(const Option& option, const Value& value) {
  return std::visit([](auto known) { return nlohmann::ordered_json(std::move(known)); },
                    kernel_value(option, value));
}

std::string_view kernel_unit(const Option& option) {
  switch (option.unit) {
    case Unit::kSeconds:
      return "s";
    case Unit::kMilliseconds:
      return "ms";
    case Unit::kMicroseconds:
      return "us";
    case Unit::kBytes:
      return option.kind == Kind::kRate ? "bytes/s" : "bytes";
    case Unit::kNone:
      return "";
  }
  return "";
}

nlohmann::ordered_json kernel_unit_json(const Option& option) {
  const std::string_view unit = kernel_unit(option);
  return unit.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(unit);
}

}  // namespace sockopt
