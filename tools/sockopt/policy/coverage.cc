// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/coverage.h"

#include <algorithm>
#include <span>

namespace sockopt {
namespace {

template <typename Pattern>
std::span<const Pattern> part(const Pattern* patterns, Range list) {
  return {patterns + list.first, list.count};
}

bool covers(const AddressPattern& wide, const AddressPattern& narrow) {
  if (narrow.first_port < wide.first_port || narrow.last_port > wide.last_port) return false;
  if (wide.is_any_address()) return true;
  if (wide.family != narrow.family || narrow.prefix < wide.prefix) return false;
  Address address;
  address.family = narrow.family;
  address.port = narrow.first_port;
  std::copy(std::begin(narrow.bytes), std::end(narrow.bytes), std::begin(address.bytes));
  return wide.matches(address);
}

// Every pattern of `narrow` lies within one of `wide`, and `wide` takes nothing out again.
template <typename Pattern, typename Covers>
bool covers_list(std::span<const Pattern> wide, std::span<const Pattern> narrow,
                 const Covers& covers_pattern) {
  if (wide.empty()) return true;
  const auto excludes = [](const Pattern& pattern) { return pattern.excludes; };
  if (std::any_of(wide.begin(), wide.end(), excludes)) return false;
  if (std::all_of(narrow.begin(), narrow.end(), excludes)) return false;  // matches all but a few
  return std::all_of(narrow.begin(), narrow.end(), [&](const Pattern& one) {
    return one.excludes || std::any_of(wide.begin(), wide.end(), [&](const Pattern& other) {
             return covers_pattern(other, one);
           });
  });
}

}  // namespace

bool covers(const Policy& policy, const Rule& wide, const Rule& narrow) {
  if (wide.is_void()) return false;
  const auto covers_glob = [&policy](const ProgramPattern& a, const ProgramPattern& b) {
    return policy.glob(a) == "*" || policy.glob(a) == policy.glob(b);
  };
  const auto covers_address = [](const AddressPattern& a, const AddressPattern& b) {
    return covers(a, b);
  };
  if (!covers_list(part(policy.programs(), wide.programs), part(policy.programs(), narrow.programs),
                   covers_glob)) {
    return false;
  }
  if (!wide.has_address()) return true;
  const Range Rule::*side = wide.listens.count != 0 ? &Rule::listens : &Rule::connects;
  return (narrow.*side).count != 0 &&
         covers_list(part(policy.addresses(), wide.*side), part(policy.addresses(), narrow.*side),
                     covers_address);
}

}  // namespace sockopt
