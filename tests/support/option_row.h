// SPDX-License-Identifier: MIT
//
// What the tests that go through the option table need of a row: a value that no socket has by
// itself, whether this kernel knows the option, and whether what was read is what was written, as
// far as the row says that the kernel gives it back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shim/options/table.h"
#include "shim/options/value.h"

namespace sockopt::test {

/// The rows that are socket options, neither the backlog nor the protocol, or those that are also
/// `wanted`.
std::vector<std::size_t> socket_option_rows(bool (*wanted)(const Option&) = nullptr);

/// For INSTANTIATE_TEST_SUITE_P: what a row is called.
inline constexpr auto by_key = [](const auto& row) {
  return std::string(std::string_view(kOptions[row.param].key));
};

std::string upper_case(std::string_view key);

/// A value as it is written in sockopt.ini.
std::string distinct_value(const Option& option);

/// The value's bytes; fails the test where it cannot be read.
Value parsed(const Option& option, const std::string& text);

bool kernel_knows(const Option& option);

/// The step with which the actor reads it.
std::string get_step(const std::string& name, const KernelName& kernel);

/// Whether `read`, as the actor prints values, is `wanted` given back.
bool reads_as(const Option& option, const std::string& read, const std::string& wanted);
bool reads_as(const Option& option, const Value& read, const std::string& wanted);

}  // namespace sockopt::test
