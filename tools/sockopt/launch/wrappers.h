// SPDX-License-Identifier: MIT
//
// Programs that do something and then become the program of their command line, as env, nice and
// sudo do: how to read past their own words, and what they do to the environment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

struct WrapperCall {
  std::vector<std::string> program{};  ///< the words of what it starts
  std::vector<std::string> before{};   ///< its own words
  bool clears = false;                 ///< it starts with an environment of its own
  std::string replaces{};              ///< what to do about an LD_PRELOAD that it puts there
  bool is_text = false;  ///< `program` is one word: the text of a shell, and its arguments
};

/// Whether a program of this name only starts another one.
bool is_wrapper(std::string_view path);

/// Nothing in `program` where it starts none.
WrapperCall read_wrapper(const std::vector<std::string>& words);

}  // namespace sockopt
