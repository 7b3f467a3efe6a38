// SPDX-License-Identifier: MIT
//
// Where the engine cannot work: said, with what to do, and nothing is attached.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/bpf/engine_host.h"
#include "tests/support/requirements.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/engine_words.h"

namespace sockopt::test {
namespace {

Finished run_behind(std::vector<std::string> before, std::vector<std::string> arguments) {
  Command whole = command(std::move(arguments));
  before.insert(before.end(), whole.argv.begin(), whole.argv.end());
  whole.argv = std::move(before);
  return run(whole);
}

Finished attach_behind(std::vector<std::string> before, const std::string& cgroup) {
  return run_behind(std::move(before),
                    {"attach", "--no-file", "-o", "keepidle=60s", "--cgroup", cgroup});
}

class Obstacles : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }
};

TEST_F(Obstacles, NoBpfFileSystem) {
  const TestCgroup cgroup;
  const Finished finished = attach_behind(
      {"unshare", "-m", "sh", "-c", "umount -l /sys/fs/bpf && exec \"$@\"", "sh"}, cgroup.path());
  EXPECT_EQ(status(finished), 1);
  EXPECT_EQ(finished.error,
            "sockopt: attach: no bpf file system is mounted at /sys/fs/bpf, where attachments are "
            "kept; mount -t bpf bpf /sys/fs/bpf\n");
}

TEST_F(Obstacles, NoCgroupTree) {
  const TestCgroup cgroup;
  const Finished finished = attach_behind(
      {"unshare", "-m", "sh", "-c", "umount -l \"$0\" && exec \"$@\"", *cgroup_mount()},
      cgroup.path());
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error, "no cgroup2 file system is mounted; mkdir -p"));
}

TEST_F(Obstacles, NoPrivileges) {
  SOCKOPT_NEEDS("setpriv");
  const TestCgroup cgroup;
  const Finished finished =
      attach_behind({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}, cgroup.path());
  EXPECT_EQ(status(finished), 1);
  EXPECT_EQ(finished.error, "sockopt: attach: needs CAP_BPF, CAP_NET_ADMIN; run it as root\n");
}

TEST_F(Obstacles, RootOfAUserNamespace) {
  SOCKOPT_NEEDS_NAMESPACES("--user", "--map-root-user");
  const TestCgroup cgroup;
  const Finished finished = attach_behind({"unshare", "--user", "--map-root-user"}, cgroup.path());
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error,
                       "this is a user namespace, whose root may not load eBPF "
                       "programs; run it on the host"));
}

TEST_F(Obstacles, ForWatch) {
  SOCKOPT_NEEDS("setpriv");
  const Finished unmounted = run_behind(
      {"unshare", "-m", "sh", "-c", "umount -l /sys/fs/bpf && exec \"$@\"", "sh"}, {"watch"});
  EXPECT_EQ(status(unmounted), 1);
  EXPECT_EQ(unmounted.error,
            "sockopt: watch: no bpf file system is mounted at /sys/fs/bpf, where attachments are "
            "kept; mount -t bpf bpf /sys/fs/bpf\n");
  const Finished nobody =
      run_behind({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}, {"watch"});
  EXPECT_EQ(status(nobody), 1);
  EXPECT_EQ(nobody.error,
            "sockopt: watch: needs CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON (to read which process "
            "listens), CAP_SYS_PTRACE (to reach the sockets of processes); run it as root\n");
}

TEST_F(Obstacles, WhatIsNoCgroup) {
  const Finished finished = attach_behind({"env"}, "/tmp");
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error, "/tmp: is no cgroup of version 2"));
}

TEST_F(Obstacles, AUnitThatDoesNotRun) {
  const Finished finished =
      sockopt({"attach", "--no-file", "-o", "keepidle=60s", "-u", "no-such-unit"});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error, "no-such-unit.service: no such cgroup below " +
                                           *cgroup_mount() + ": the unit is not running"));
}

TEST_F(Obstacles, NothingToDetach) {
  const TestCgroup cgroup;
  const Finished finished = cgroup.detach();
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error, "nothing is attached to " + cgroup.path()));
}

TEST(AttachArguments, AreChecked) {
  const std::pair<std::vector<std::string>, const char*> mistakes[] = {
      {{"attach"}, "to what? Give -u UNIT, --cgroup PATH, PID or --host"},
      {{"attach", "--host", "1"}, "-u, --cgroup, PID and --host exclude each other"},
      {{"attach", "--list", "--host"}, "--list takes neither a policy nor a cgroup"},
      {{"attach", "--list", "--established"}, "--list takes neither a policy nor a cgroup"},
      {{"detach"}, "from what? Give -u UNIT, --cgroup PATH, PID, --host or --all"},
      {{"detach", "--all", "--host"}, "--all stands alone"},
  };
  for (const auto& [arguments, message] : mistakes) {
    const Finished finished = sockopt(arguments);
    EXPECT_EQ(status(finished), 2) << message;
    EXPECT_TRUE(contains(finished.error, message));
  }
}

// The last words of the verifier, and not those of the library that asked it.
TEST(WhyAProgramIsNotLoaded, IsWhatTheVerifierSaid) {
  EXPECT_EQ(load_failure("libbpf: prog 'bind4': BPF program load failed: Permission denied\n"
                         "libbpf: prog 'bind4': -- BEGIN PROG LOAD LOG --\n"
                         "0: R1=ctx() R10=fp0\n1: (79) r2 = *(u64 *)(r1 +0)\n2: (b7) r0 = 1\n"
                         "3: (95) exit\nAt program exit the register R0 has value 9\n"
                         "processed 4 insns (limit 1000000)\n-- END PROG LOAD LOG --\n"
                         "libbpf: prog 'bind4': failed to load: -13\n"
                         "libbpf: failed to load object 'engine_programs'\n"),
            "bind4: 1: (79) r2 = *(u64 *)(r1 +0) | 2: (b7) r0 = 1 | 3: (95) exit | "
            "At program exit the register R0 has value 9");
  EXPECT_EQ(load_failure("libbpf: a\nlibbpf: b\n"), "libbpf: b");
  EXPECT_EQ(load_failure(""), "");
}

TEST(CgroupTree, FindsTheMount) {
  EXPECT_EQ(
      cgroup_mount("24 1 0:22 / /sys rw - sysfs sysfs rw\n"
                   "35 24 0:30 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"),
      "/sys/fs/cgroup/unified");
  EXPECT_EQ(cgroup_mount("35 24 0:30 / /a\\040b rw - cgroup2 cgroup2 rw\n"), "/a b");
  EXPECT_EQ(cgroup_mount("30 24 0:26 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"),
            std::nullopt);
  EXPECT_EQ(cgroup_path("12:pids:/x\n0::/system.slice/a.service\n"), "/system.slice/a.service");
  EXPECT_EQ(cgroup_path("12:pids:/x\n"), std::nullopt);
}

TEST(CgroupTree, OneIsWithinAnotherByWholeNames) {
  EXPECT_TRUE(is_within("/c/a.slice", "/c/a.slice"));
  EXPECT_TRUE(is_within("/c/a.slice/b", "/c/a.slice"));
  EXPECT_FALSE(is_within("/c/a.slice2", "/c/a.slice"));
  EXPECT_FALSE(is_within("/c/a.slice", "/c/a.slice/b"));
  EXPECT_FALSE(is_within("", "/c"));
}

}  // namespace
}  // namespace sockopt::test
