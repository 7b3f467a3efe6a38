// SPDX-License-Identifier: MIT
//
// What was found, as lines that a test can compare.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tools/sockopt/diagnosis/diagnosis.h"

namespace sockopt::test {

// `WARN backlog: WHAT => MEND`, a line each.
std::string lines(const Diagnoses& found);

// The lines of one topic.
std::string lines_about(const Diagnoses& found, const std::string& topic);

}  // namespace sockopt::test
