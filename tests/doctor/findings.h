// SPDX-License-Identifier: MIT
//
// What was found, as lines that a test can compare.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tools/sockopt/report/finding.h"

namespace sockopt::test {

// `warning backlog: WHAT => FIX`, a line each.
std::string lines(const Findings& found);

// The lines of one topic.
std::string lines_about(const Findings& found, const std::string& topic);

}  // namespace sockopt::test
