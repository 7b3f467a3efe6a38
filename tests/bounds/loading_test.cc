// SPDX-License-Identifier: MIT
//
// It loads: with every relocation resolved at once, in front of a program, twice, and under another
// name; and says nothing about it.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

Finished run_true(const std::string& preload, Environment variables = {}) {
  Environment environment = plain_environment();
  environment.merge(variables);
  environment["LD_PRELOAD"] = preload;
  return run({.argv = {"/bin/true"}, .environment = environment});
}

void expect_silent(const Finished& finished) {
  EXPECT_TRUE(finished.success());
  EXPECT_EQ(finished.output, "");
  EXPECT_EQ(finished.error, "");
}

TEST(Loading, ByDlopen) {
  void* handle = dlopen(library().c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  EXPECT_NE(dlsym(handle, "accept4"), nullptr);
  EXPECT_EQ(dlsym(handle, "ini_parse"), nullptr) << "what is not exported is not found";
  EXPECT_EQ(dlclose(handle), 0);
}

TEST(Loading, InFrontOfAProgram) { expect_silent(run_true(library())); }

TEST(Loading, WithAllRelocationsAtOnceAndWithWarnings) {
  expect_silent(run_true(library(), {{"LD_BIND_NOW", "1"}, {"LD_WARN", "1"}}));
}

TEST(Loading, Twice) {
  const TemporaryDirectory directory;
  const auto copy = directory / "copy.so";
  std::filesystem::copy_file(library(), copy);
  expect_silent(run_true(library().string() + ":" + copy.string()));
  expect_silent(run_true(copy));
}

TEST(Loading, WithAConfiguration) {
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", "[sockopt]\nkeepidle = 60s\n");
  expect_silent(run_true(library(), {{"SOCKOPT_CONFIG", file.string()}}));
}

// A fault must not show in every program that opens no socket.
TEST(Loading, WithAConfigurationThatIsWrong) {
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", "[sockopt]\nkeepidel = 60s\n");
  expect_silent(run_true(library(), {{"SOCKOPT_CONFIG", file.string()}}));
  expect_silent(run_true(library(), {{"SOCKOPT_CONFIG", "/nowhere/sockopt.ini"}}));
  expect_silent(run_true(library(), {{"SOCKOPT_NONSENSE", "1"}}));
}

}  // namespace
}  // namespace sockopt::test
