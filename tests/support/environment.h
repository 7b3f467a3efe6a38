// SPDX-License-Identifier: MIT
//
// A program under test is given a whole environment, never the caller's: a SOCKOPT_ variable or an
// LD_PRELOAD that happens to be set where the tests are started must not decide what they show.
#pragma once

#include <map>
#include <string>

namespace sockopt::test {

using Environment = std::map<std::string, std::string>;

// PATH, HOME and a plain locale, and nothing that steers the library.
Environment plain_environment();

// The plain one with the library under test in LD_PRELOAD, and these variables.
Environment shim_environment(const Environment& variables = {});

}  // namespace sockopt::test
