// SPDX-License-Identifier: MIT
//
// Programs on libzmq, with libsockopt-zmq.so in LD_PRELOAD.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/requirements.h"

namespace sockopt::test {

inline constexpr const char* kSystemPython = "/usr/bin/python3";  // the one that python3-zmq is for

std::filesystem::path zmq_library();
std::filesystem::path zmq_program(std::string_view name);
/// A script beside the programs.
std::string zmq_script(std::string_view name);

#define SOCKOPT_NEEDS_ZMQ()                                            \
  if (!std::filesystem::exists(::sockopt::test::zmq_program("probe"))) \
  GTEST_SKIP() << "libzmq3-dev was not installed when the tests were built"
#define SOCKOPT_NEEDS_CZMQ()                                               \
  if (!std::filesystem::exists(::sockopt::test::zmq_program("czmq_echo"))) \
  GTEST_SKIP() << "libczmq-dev was not installed when the tests were built"
bool has_pyzmq();
#define SOCKOPT_NEEDS_PYZMQ() \
  if (!::sockopt::test::has_pyzmq()) GTEST_SKIP() << "python3-zmq is not installed"

/// With this library alone, and these variables.
Environment zmq_environment(const Environment& variables = {});
/// With both, as `sockopt run` starts a program.
Environment both_environment(const Environment& variables = {});

/// Runs probe.c to its end, and returns the lines that it prints.
std::vector<std::string> probe(std::vector<std::string> words, const Environment& environment,
                               std::string* error = nullptr);

}  // namespace sockopt::test
