// SPDX-License-Identifier: MIT
//
// What a test can only do once: give up its user, enter a namespace. It is done in a child, and
// what came of it is a text.
#pragma once

#include <functional>
#include <string>

namespace sockopt::test {

// The text that `work` returns in a forked child; throws if the child does not come to its end.
std::string in_child(const std::function<std::string()>& work);

}  // namespace sockopt::test
