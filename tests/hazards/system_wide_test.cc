// SPDX-License-Identifier: MIT
//
// The library in /etc/ld.so.preload is in every program: in shells, compilers, package managers and
// set-user-ID programs. They do what they do without it. The file is put into a mount namespace of
// the test's own, over copies that vanish with it: no other program of this host ever sees it.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"

namespace sockopt::test {
namespace {

// Mounts an empty /etc over a view of the real one, and has the library in every program from there
// on if `PRELOAD` is set.
constexpr std::string_view kEnter = R"(#!/bin/sh
set -e
mount -t tmpfs tmpfs "$ROOT"
mkdir "$ROOT/upper" "$ROOT/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$ROOT/upper,workdir=$ROOT/work" overlay /etc
if [ "$SYSCONFDIR" != /etc ]; then mount -t tmpfs tmpfs "$SYSCONFDIR"; fi
printf '[sockopt]\nkeepidle = 61s\nbacklog = 1024\n' >"$SYSCONFDIR/sockopt.ini"
if [ -n "$PRELOAD" ]; then echo "$PRELOAD" >/etc/ld.so.preload; fi
exec "$@"
)";

class SystemWide : public ::testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ROOT("to be other users");
    if (!std::filesystem::is_directory(SOCKOPT_SYSCONFDIR)) {
      GTEST_SKIP() << SOCKOPT_SYSCONFDIR << " is not there to be covered";
    }
    const Finished probe = entered(false, {"true"});
    if (!probe.success()) GTEST_SKIP() << "no overlay in a mount namespace: " << probe.error;
  }

  Finished entered(bool preloaded, const std::vector<std::string>& argv) const {
    Command command{.argv = {"unshare", "-m", enter_}};
    command.argv.insert(command.argv.end(), argv.begin(), argv.end());
    command.environment["ROOT"] = root_.path();
    command.environment["SYSCONFDIR"] = SOCKOPT_SYSCONFDIR;
    command.environment["PRELOAD"] = preloaded ? library().string() : "";
    return run(command, 3 * kPatience);
  }

  // The script's output and errors, with and without.
  void expect_the_same(const std::string& script) const {
    const TemporaryDirectory first;
    const TemporaryDirectory second;
    const auto path = source_directory() / "tests/hazards/sessions" / script;
    const Finished without = entered(false, {"/bin/bash", path, first.path()});
    const Finished with = entered(true, {"/bin/bash", path, second.path()});
    ASSERT_TRUE(without.success()) << without.output << without.error;
    EXPECT_TRUE(with.success()) << with.output << with.error;
    EXPECT_EQ(with.output, without.output);
    EXPECT_EQ(with.error, without.error);
  }

  TemporaryDirectory directory_;
  TemporaryDirectory root_;
  std::string enter_ = directory_.write("enter", kEnter, 0755);
};

TEST_F(SystemWide, IsInEveryProgramWithTheFilesSettings) {
  const Finished finished = entered(true, {victim("actor"), "socket l inet", "listen l 5",
                                           "get l TCP_KEEPIDLE", "backlog l", "open-descriptors"});
  EXPECT_NE(finished.output.find("get l TCP_KEEPIDLE = 61"), std::string::npos) << finished.output;
  EXPECT_NE(finished.output.find("backlog l = 1024"), std::string::npos) << finished.output;
  EXPECT_NE(finished.output.find("open-descriptors = 0 1 2 3"), std::string::npos);
  EXPECT_EQ(finished.error, "");
  const Finished maps = entered(true, {"grep", "-c", "libsockopt", "/proc/self/maps"});
  EXPECT_TRUE(maps.success());
}

TEST_F(SystemWide, AShellSessionIsTheSame) { expect_the_same("session.sh"); }

TEST_F(SystemWide, PackagesAreManagedTheSame) { expect_the_same("packages.sh"); }

TEST_F(SystemWide, ProgramsAreCompiledTheSame) { expect_the_same("compiler.sh"); }

}  // namespace
}  // namespace sockopt::test
