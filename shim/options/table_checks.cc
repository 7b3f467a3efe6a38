// SPDX-License-Identifier: MIT
//
// What must hold for every row of the option table, checked at compile time: a wrong row does not
// build.
#include "shim/options/lookup.h"
#include "shim/options/table.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr std::string_view without_prefix(std::string_view constant) {
  for (const std::string_view prefix : {"SO_", "TCP_", "IPV6_", "IP_"}) {
    if (constant.starts_with(prefix)) return slice(constant, prefix.size());
  }
  return constant;
}

constexpr bool is_lower_case_of(std::string_view key, std::string_view name) {
  if (key.size() != name.size()) return false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] != to_lower(name[i])) return false;
  }
  return true;
}

constexpr bool keys_are_the_kernels() {
  for (const Row& row : kRows) {
    if (!row.option.is_socket_option()) continue;
    if (!is_lower_case_of(row.option.key, without_prefix(row.manual.constant))) return false;
  }
  return true;
}

constexpr bool nothing_is_there_twice() {
  for (const Option& a : kOptions) {
    for (const Option& b : kOptions) {
      if (&a == &b) continue;
      if (a.key == b.key) return false;
      if (a.ipv4.exists() && a.ipv4 == b.ipv4) return false;
      if (a.ipv6.exists() && a.ipv6 == b.ipv6) return false;
    }
  }
  return true;
}

constexpr bool values_are_consistent() {
  for (const Option& row : kOptions) {
    if (row.min > row.max) return false;
    const bool time = row.unit == Unit::kSeconds || row.unit == Unit::kMilliseconds ||
                      row.unit == Unit::kMicroseconds;
    const bool timed =
        row.kind == Kind::kDuration || row.kind == Kind::kLinger || row.kind == Kind::kTimeval;
    const bool sized = row.kind == Kind::kSize || row.kind == Kind::kRate;
    if (time != timed || sized != (row.unit == Unit::kBytes)) return false;
    const std::int64_t widest = row.kind == Kind::kRate   ? INT64_MAX
                                : row.kind == Kind::kMask ? 0xffffffff
                                                          : kIntMax;
    if (row.max > widest) return false;
    if (row.kind == Kind::kBoolean && (row.min != 0 || row.max != 1)) return false;
  }
  return true;
}

constexpr bool names_are_consistent() {
  for (const Option& row : kOptions) {
    const bool is_argument = row.kind == Kind::kBacklog || row.hook_points == kInSocket;
    if (row.is_socket_option() == is_argument) return false;
    if (row.both && !(row.ipv4.exists() && row.ipv6.exists())) return false;
    if (row.hook_points == 0) return false;
    if (row.inheritance == Inheritance::kPerSocket && (row.hook_points & kAtAccept) == 0)
      return false;
    if (row.key.empty() || row.since.empty()) return false;
  }
  for (const Manual& manual : kManual) {
    if (manual.summary.empty() || manual.initial.empty() || manual.example.empty()) return false;
  }
  return true;
}

static_assert(keys_are_the_kernels(), "a key is the kernel's constant without its prefix");
static_assert(nothing_is_there_twice(), "two rows share a key or a kernel name");
static_assert(values_are_consistent(), "a row's kind, unit and range do not fit each other");
static_assert(names_are_consistent(), "a row lacks a kernel name, a hook point or a text");

}  // namespace
}  // namespace sockopt
