// SPDX-License-Identifier: MIT
//
// The name of this host, which every report for programs carries: reports of many hosts are kept
// together.
#pragma once

#include <string>

namespace sockopt {

/// Fit to be printed; empty where it cannot be read.
std::string host_name();

}  // namespace sockopt
