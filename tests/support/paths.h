// SPDX-License-Identifier: MIT
//
// Where the tests find what they test. The directories come from CMake, so that a test binary can
// be started from anywhere, by ctest or by hand; what belongs to the system is asked of it.
#pragma once

#include <filesystem>
#include <string_view>

#include "tests/support/requirements.h"

namespace sockopt::test {

// The directory that holds libsockopt.so, sockopt and demo_server.
std::filesystem::path build_directory();
std::filesystem::path source_directory();

// The library under test, as it goes into LD_PRELOAD.
std::filesystem::path library();

// The dynamic linker that programs of this machine are started by.
std::filesystem::path dynamic_linker();

// A library of the system's, beside its C library; empty where it is not installed.
std::filesystem::path system_library(std::string_view name);

}  // namespace sockopt::test
