// SPDX-License-Identifier: MIT
//
// Where the tests find what they test. The directories come from CMake, so that a test binary can
// be started from anywhere, by ctest or by hand.
#pragma once

#include <filesystem>

namespace sockopt::test {

// The directory that holds libsockopt.so, sockopt and demo_server.
std::filesystem::path build_directory();
std::filesystem::path source_directory();

// The library under test, as it goes into LD_PRELOAD.
std::filesystem::path library();

}  // namespace sockopt::test
