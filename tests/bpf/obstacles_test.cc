// SPDX-License-Identifier: MIT
//
// Where the engine cannot work: said, with what to do, and nothing is attached.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bpf/engine_host.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"
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

// As it shows to programs that are told of a kernel 2.6.
TEST_F(Obstacles, AnOldKernel) {
  const TestCgroup cgroup;
  const Finished finished = attach_behind({"setarch", "--uname-2.6", "env"}, cgroup.path());
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error, "sockopt: attach: needs Linux 6.1 or newer; this is 2.6."));
  EXPECT_TRUE(contains(finished.error, "; use the library: sockopt run, sockopt enable\n"));
}

TEST_F(Obstacles, AKernelThatDoesNotDescribeItsTypes) {
  const TestCgroup cgroup;
  const Finished finished = attach_behind(
      {"unshare", "-m", "sh", "-c", "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"", "sh"},
      cgroup.path());
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error,
                       "this kernel does not describe its types (/sys/kernel/btf/vmlinux); boot "
                       "one built with CONFIG_DEBUG_INFO_BTF, as Debian's are"));
}

// Then only rules that name programs are in the way.
TEST_F(Obstacles, Lockdown) {
  if (access("/sys/kernel/security", F_OK) != 0) GTEST_SKIP() << "this kernel has no securityfs";
  const TestCgroup cgroup;
  const std::vector<std::string> locked = {
      "unshare",
      "-m",
      "sh",
      "-c",
      "mount -t tmpfs none /sys/kernel/security && "
      "echo 'none integrity [confidentiality]' >/sys/kernel/security/lockdown && exec \"$@\"",
      "sh"};
  const TemporaryDirectory files;
  const std::string file = files.write("a.ini", "[rule a]\nprogram = nginx\nkeepidle = 60s\n");
  const Finished finished = run_behind(locked, {"attach", "-c", file, "--cgroup", cgroup.path()});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error,
                       "the kernel is locked down (confidentiality): eBPF programs may not read "
                       "the names of programs, which rules with `program` need; attach to a unit "
                       "with rules that name no program, or boot with lockdown=integrity"));
  EXPECT_TRUE(attach_behind(locked, cgroup.path()).success());
}

std::string attached_to(const TestCgroup& cgroup) {
  return run({.argv = {"bpftool", "cgroup", "show", cgroup.path()}}).output;
}

// Somebody else's program that shares its cgroup, and those below it, with nobody.
class ExclusiveProgram : public Obstacles {
 protected:
  void SetUp() override {
    Obstacles::SetUp();
    SOCKOPT_NEEDS("bpftool");
  }
  // One of ours from elsewhere.
  void attach_exclusively(const std::string& hook, const std::string& type) {
    ASSERT_TRUE(other_.attach("[sockopt]\nkeepidle = 60s\npriority = 3\n").success());
    std::istringstream lines(attached_to(other_));
    std::string id;
    for (std::string line; std::getline(lines, line);) {
      if (line.find(" " + hook) != line.npos) id = line.substr(0, line.find(' '));
    }
    ASSERT_NE(id, "") << attached_to(other_);
    const Finished done =
        run({.argv = {"bpftool", "cgroup", "attach", above_.path(), type, "id", id}});
    ASSERT_TRUE(done.success()) << done.error;
  }
  TestCgroup above_{"above"};
  TestCgroup cgroup_{"below", &above_};
  TestCgroup other_{"other"};
};

TEST_F(ExclusiveProgram, LeavesNothingHalfAttached) {
  attach_exclusively("set_option", "setsockopt");
  const Finished refused = cgroup_.attach("[sockopt]\nkeepidle = 61s\n");
  EXPECT_EQ(status(refused), 1);
  EXPECT_TRUE(contains(refused.error, "set_option cannot be attached to " + cgroup_.path()));
  EXPECT_TRUE(contains(refused.error, "(bpftool cgroup tree), forbids it"));
  EXPECT_EQ(attached_to(cgroup_), "");
  EXPECT_EQ(count(sockopt({"attach", "--list"}).output, cgroup_.path()), 0);
}

// What could be replaced already is what it was.
TEST_F(ExclusiveProgram, LeavesThePolicyThatWasThere) {
  cgroup_.attach_quietly("[rule a]\nconnect = *\nkeepidle = 61s\n");
  const std::string before = attached_to(cgroup_);
  attach_exclusively("sock_ops", "sock_ops");
  const Finished refused = cgroup_.attach("[sockopt]\nkeepidle = 62s\nkeepcnt = 3\n");
  EXPECT_EQ(status(refused), 1);
  EXPECT_TRUE(contains(refused.error, "sock_ops cannot be attached to " + cgroup_.path()));
  EXPECT_EQ(attached_to(cgroup_), before);
  play(cgroup_.inside(
      actor("listener l; client c l; get l TCP_KEEPIDLE != 62; "
            "get l TCP_KEEPCNT != 3; get c TCP_KEEPIDLE = 61; get c TCP_KEEPCNT != 3",
            plain_environment())));
}

// Of a path that is longer, the record would hold a part only.
TEST_F(Obstacles, APathThatIsTooLong) {
  const TestCgroup top;
  std::string path = top.path();
  std::string longest;
  while (path.size() <= 1015) {
    longest = path;
    path += "/" + std::string(200, 'x');
    ASSERT_EQ(mkdir(path.c_str(), 0755), 0);
  }
  const Finished refused = attach_behind({"env"}, path);
  EXPECT_EQ(status(refused), 1);
  EXPECT_TRUE(contains(refused.error, "is longer than 1015 bytes"));
  const Finished attached = attach_behind({"env"}, longest);
  EXPECT_TRUE(attached.success()) << attached.error;
  EXPECT_TRUE(contains(sockopt({"attach", "--list"}).output, longest.substr(0, 400)));
  EXPECT_TRUE(sockopt({"detach", "--cgroup", longest}).success());
}

// A name can hold anything but a slash and a line feed: what controls a terminal, what ends a word.
TEST_F(Obstacles, HostileNamesOfCgroups) {
  const TestCgroup top;
  for (const char* name : {"a\rOK bpf", "\x1b[2J", "'; touch x; '", "$(touch x)", "\xff\xfe", " ",
                           "-u", "(removed)", "%n%s{}", "..."}) {
    const std::string path = top.path() + "/" + name;
    ASSERT_EQ(mkdir(path.c_str(), 0755), 0);
    const Finished attached = attach_behind({"env"}, path);
    ASSERT_TRUE(attached.success()) << attached.error;
    const std::string text =
        attached.output + attached.error + sockopt({"attach", "--list"}).output;
    EXPECT_EQ(text.find('\x1b'), text.npos);
    EXPECT_EQ(text.find('\xff'), text.npos);
    EXPECT_EQ(text.find('\r'), text.npos);
    const auto json = nlohmann::json::parse(sockopt({"attach", "--list", "--json"}).output);
    EXPECT_EQ(json["attachments"].size(), 1U) << name;
    // As it is printed, for a shell.
    const std::string before = "To remove it: sockopt ";
    const std::size_t at = attached.output.find(before);
    ASSERT_NE(at, attached.output.npos) << attached.output;
    const Finished pasted =
        run({.argv = {"bash", "-c",
                      command_path() + " " + attached.output.substr(at + before.size())}});
    EXPECT_TRUE(pasted.success()) << attached.output << pasted.error;
    EXPECT_EQ(sockopt({"attach", "--list"}).output, "Nothing is attached.\n") << name;
    ASSERT_EQ(rmdir(path.c_str()), 0);
  }
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
