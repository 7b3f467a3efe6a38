// SPDX-License-Identifier: MIT
#include "tests/bpf/engine_host.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "tools/sockopt/bpf/cgroup_tree.h"

namespace sockopt::test {
namespace {

std::string mount_anew() {
  if (mount("bpf", "/sys/fs/bpf", "bpf", 0, nullptr) == 0) return {};
  return std::string("no bpf file system: ") + strerror(errno);
}

std::string enter_namespace() {
  if (geteuid() != 0) return "needs root, to attach programs";
  if (!cgroup_mount()) return "needs a cgroup2 file system";
  if (unshare(CLONE_NEWNS) != 0) return std::string("no mount namespace: ") + strerror(errno);
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return strerror(errno);
  if (const std::string why = mount_anew(); !why.empty()) return why;
  const Finished list = sockopt({"attach", "--list"});
  return list.success() ? std::string() : list.error;
}

// With what a test has made below it.
bool remove_cgroup(const std::string& path) {
  std::error_code none;
  for (std::filesystem::directory_iterator it(path, none), end; !none && it != end;
       it.increment(none)) {
    if (it->is_directory(none)) remove_cgroup(it->path());
  }
  return rmdir(path.c_str()) == 0 || errno == ENOENT;
}

// In a child that has nothing of ours but this pipe: its end is ours, however that comes.
[[noreturn]] void remove_when_alone(int pipe, const char* path, const char* kill_file) {
  syscall(SYS_close_range, 0, pipe - 1, 0);
  syscall(SYS_close_range, pipe + 1, ~0U, 0);
  setsid();
  char byte;
  while (read(pipe, &byte, 1) < 0 && errno == EINTR) continue;
  for (int i = 0; i < 6000; ++i) {
    const int fd = open(kill_file, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
      static_cast<void>(!write(fd, "1", 1));
      close(fd);
    }
    if (remove_cgroup(path)) break;
    usleep(5000);
  }
  _exit(0);
}

}  // namespace

std::string why_no_engine() {
  static bool entered = false;
  static const std::string why = enter_namespace();
  // Each test has its own, without what those before it have left.
  if (entered && why.empty() && umount2("/sys/fs/bpf", MNT_DETACH) == 0) return mount_anew();
  entered = true;
  return why;
}

std::string program(const std::string& name) {
  return std::string(SOCKOPT_BPF_PROGRAMS) + "/" + name;
}

TestCgroup::TestCgroup(const std::string& name, const TestCgroup* above) {
  static int number = 0;
  path_ = (above != nullptr ? above->path() : *cgroup_mount()) + "/sockopt_test_" + name + "_" +
          std::to_string(getpid()) + "_" + std::to_string(++number);
  if (mkdir(path_.c_str(), 0755) != 0) throw std::runtime_error(path_ + ": " + strerror(errno));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const std::string kill_file = path_ + "/cgroup.kill";
  remover_ = fork();
  if (remover_ == 0) remove_when_alone(ends[0], path_.c_str(), kill_file.c_str());
  close(ends[0]);
  remover_waits_ = ends[1];
}

TestCgroup::~TestCgroup() { remove(); }

void TestCgroup::remove() {
  if (remover_waits_ < 0) return;
  close(remover_waits_);
  remover_waits_ = -1;
  waitpid(remover_, nullptr, 0);
}

Command TestCgroup::inside(Command command) const {
  std::vector<std::string> argv = {"sh", "-c", "echo $$ >\"$0\"/cgroup.procs && exec \"$@\"",
                                   path_};
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  command.argv = std::move(argv);
  return command;
}

// The kernel takes its time to verify the programs, seconds on a busy machine.
Finished TestCgroup::attach(const std::string& policy, const std::vector<std::string>& more) const {
  std::vector<std::string> arguments = {"attach", "-c", files_.write("sockopt.ini", policy),
                                        "--cgroup", path_};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(command(std::move(arguments)), 3 * kPatience);
}

void TestCgroup::attach_quietly(const std::string& policy) const {
  const Finished attached = attach(policy);
  EXPECT_TRUE(attached.success());
  EXPECT_EQ(attached.error, "");
}

Finished TestCgroup::detach() const { return sockopt({"detach", "--cgroup", path_}); }

}  // namespace sockopt::test
