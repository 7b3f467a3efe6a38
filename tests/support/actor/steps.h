// SPDX-License-Identifier: MIT
//
// What a step of a script does. Descriptors have names, and stay open until the script closes them.
#pragma once

#include <string>
#include <vector>

namespace actor {

using Words = std::vector<std::string>;

/// How long a step waits for what another process does.
inline constexpr int kPatienceMilliseconds = 60'000;

/// What came of the step.
std::string perform(const Words& step);

/// Ends a script: closes everything but the standard descriptors, and forgets the names.
void close_all();

}  // namespace actor
