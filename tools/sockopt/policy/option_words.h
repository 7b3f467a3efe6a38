// SPDX-License-Identifier: MIT
//
// The columns of the option table in words, the same ones for people and for programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shim/options/option.h"

namespace sockopt {

std::string_view kind_word(Kind kind);
std::string_view inheritance_word(Inheritance inheritance);
std::string_view read_back_word(ReadBack read_back);
std::string_view mptcp_word(Mptcp mptcp);
/// Empty where none is needed.
std::string_view privilege_word(Privilege privilege);
/// The calls at which it is applied, in the order of a socket's life.
std::vector<std::string_view> moment_words(const Option& option);

std::string range_text(const Option& option);
std::string variable_text(const Option& option);

}  // namespace sockopt
