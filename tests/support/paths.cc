// SPDX-License-Identifier: MIT
//
// See paths.h.
#include "tests/support/paths.h"

namespace sockopt::test {

std::filesystem::path build_directory() { return SOCKOPT_BUILD_DIR; }

std::filesystem::path source_directory() { return SOCKOPT_SOURCE_DIR; }

std::filesystem::path library() { return build_directory() / "libsockopt.so"; }

}  // namespace sockopt::test
