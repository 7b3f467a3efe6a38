// SPDX-License-Identifier: MIT
//
// On this host itself, within a mount namespace in which /etc/systemd/system and /run are
// the test's own: what --now does, and what systemd-analyze says of it. systemctl is a stand-in
// that writes down how it was called.
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "tests/enable/service_tree.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

class Host : public testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ROOT("for a mount namespace");
    const Finished tried = run({.argv = {"unshare", "-m", "mount", "-t", "tmpfs", "x", "/mnt"}});
    if (!tried.success()) GTEST_SKIP() << "no mount namespace here: " << tried.error;
    write("units/" + unit_, "[Service]\nExecStart=" + demo_server() + " --port 0\n");
    write("bin/systemctl", "#!/bin/sh\necho \"$@\" >> " + path("called") + "\n");
    fs::permissions(path("bin/systemctl"), fs::perms::all);
    fs::create_symlink(command_path(), path("bin/sockopt"));
    write("own.ini", "[sockopt]\nkeepalive = on\nkeepidle = 61s\nbacklog = 77\n");
    fs::create_directories(path("run/systemd"));
  }

  // Everything in it belongs to the test and ends with it.
  Finished in_namespace(const std::string& script) {
    const std::string setup = "mount --bind " + path("units") + " /etc/systemd/system && " +
                              "mount --bind " + path("run") + " /run && " + "PATH=" + path("bin") +
                              ":$PATH && ";
    Command started;
    started.argv = {"unshare", "-m", "sh", "-c", setup + script};
    started.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0";
    return run(started);
  }
  Finished call(const std::string& arguments) {
    return in_namespace(command_path() + " " + arguments);
  }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(path(name)).parent_path());
    directory_.write(name, text);
  }
  std::string path(const std::string& name) const { return directory_ / name; }
  std::string called() const { return read_file(path("called")); }
  void boot_systemd() { fs::create_directory(path("run/systemd/system")); }
  static std::string demo_server() { return build_directory() / "demo_server"; }
  std::string enable(const std::string& more = {}) const {
    return "enable " + more + " -c " + path("own.ini") + " " + unit_;
  }

  TemporaryDirectory directory_;
  const std::string unit_ = "sockopt-test-" + std::to_string(getpid()) + ".service";
};

// A group of processes as systemd makes one for a unit.
class UnitGroup {
 public:
  explicit UnitGroup(const std::string& unit) {
    for (const char* base :
         {"/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup"}) {
      if (!fs::exists(std::string(base) + "/cgroup.procs")) continue;
      std::error_code refused;
      const std::string path = std::string(base) + "/" + unit;
      if (fs::create_directory(path, refused)) paths_.push_back(path);
    }
  }
  ~UnitGroup() {
    for (const std::string& path : paths_) ::rmdir(path.c_str());
  }
  UnitGroup(const UnitGroup&) = delete;
  UnitGroup& operator=(const UnitGroup&) = delete;

  bool take(pid_t pid) const {
    bool taken = false;
    for (const std::string& path : paths_) {
      taken |= run({.argv = {"sh", "-c",
                             "echo " + std::to_string(pid) + " > " + path + "/cgroup.procs"}})
                   .success();
    }
    return taken;
  }

 private:
  std::vector<std::string> paths_;
};

TEST_F(Host, SaysWhatMakesItTakeEffect) {
  boot_systemd();
  const Finished finished = call(enable());
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_EQ(finished.output, "changed: /etc/systemd/system/" + unit_ +
                                 ".d/zz-sockopt.conf\nTakes effect with: systemctl daemon-reload "
                                 "&& systemctl restart " +
                                 unit_ + "\n");
  EXPECT_EQ(called(), "");
  const std::string written = read_file(path("units/" + unit_ + ".d/zz-sockopt.conf"));
  EXPECT_TRUE(contains(written, "LD_PRELOAD=" + library().native() + "\""));
  EXPECT_TRUE(contains(written, "SOCKOPT_CONFIG=" + path("own.ini") + "\""));
}

TEST_F(Host, NowReloadsSystemdAndChangesWhatRuns) {
  boot_systemd();
  const UnitGroup group(unit_);  // before what is in it, which keeps it from being taken away
  DemoServer victim;
  if (!group.take(victim.pid())) GTEST_SKIP() << "no control group can be made here";

  const Finished rehearsed = call(enable("--now --dry-run"));
  ASSERT_TRUE(ends_with_status(rehearsed, 0));
  EXPECT_TRUE(contains(rehearsed.output, "\nwould run: systemctl daemon-reload\n"));
  EXPECT_TRUE(contains(rehearsed.output, "keepidle 7200s -> 61s"));
  EXPECT_EQ(called(), "");
  EXPECT_FALSE(fs::exists(path("units/" + unit_ + ".d")));

  const Finished finished = call(enable("--now"));
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_TRUE(finished.output.starts_with("changed: ")) << finished.output;
  EXPECT_TRUE(contains(finished.output, "keepidle 7200s -> 61s"));
  EXPECT_EQ(count(finished.output, "It lasts until the next restart"), 0) << finished.output;
  EXPECT_EQ(called(), "daemon-reload\n");
  TcpClient client = victim.connect();
  const nlohmann::json options = DemoServer::options(client);
  EXPECT_EQ(options["keepidle"], 61) << options.dump(2);

  const Finished again = call(enable("--now"));
  ASSERT_TRUE(ends_with_status(again, 0));
  EXPECT_TRUE(again.output.starts_with("unchanged: ")) << again.output;
  EXPECT_EQ(count(again.output, "->"), 0) << again.output;
  EXPECT_TRUE(victim.process().running());
}

// What is printed is run as it is printed.
TEST_F(Host, TheFixOfDoctorGivesItsServiceTheLibrary) {
  boot_systemd();
  const UnitGroup group(unit_);
  const DemoServer victim;
  if (!group.take(victim.pid())) GTEST_SKIP() << "no control group can be made here";
  const auto fix = [&] {
    const Finished finished =
        call("doctor --json -c " + path("own.ini") + " " + std::to_string(victim.pid()));
    const nlohmann::json printed = nlohmann::json::parse(finished.output);
    for (const nlohmann::json& finding : printed["subjects"][0]["findings"]) {
      if (finding["topic"] == "reach") return finding["fix"].get<std::string>();
    }
    return std::string();
  };
  const std::string first = fix();
  ASSERT_TRUE(first.starts_with("sockopt enable -c " + path("own.ini") + " " + unit_ + " && "))
      << first;
  ASSERT_TRUE(ends_with_status(in_namespace(first), 0));
  EXPECT_EQ(called(), "daemon-reload\nrestart " + unit_ + "\n");
  const std::string written = read_file(path("units/" + unit_ + ".d/zz-sockopt.conf"));
  EXPECT_TRUE(contains(written, "SOCKOPT_CONFIG=" + path("own.ini") + "\""));

  // The stand-in restarts nothing, and what was done need not be done again.
  const std::string second = fix();
  ASSERT_TRUE(second.starts_with("systemctl daemon-reload && ")) << second;
  ASSERT_TRUE(ends_with_status(in_namespace(second), 0));
  EXPECT_EQ(called(),
            "daemon-reload\nrestart " + unit_ + "\ndaemon-reload\nrestart " + unit_ + "\n");
}

TEST_F(Host, WhatApplyNamesMakesItPermanent) {
  boot_systemd();
  const UnitGroup group(unit_);
  DemoServer victim;
  if (!group.take(victim.pid())) GTEST_SKIP() << "no control group can be made here";
  const Finished applied = call("apply -c " + path("own.ini") + " " + std::to_string(victim.pid()));
  ASSERT_TRUE(ends_with_status(applied, 0));
  const std::size_t begin = applied.output.find("`sockopt enable --now -c ");
  const std::size_t end = applied.output.find("` makes it permanent", begin);
  ASSERT_NE(end, std::string::npos) << applied.output;
  const Finished finished = in_namespace(applied.output.substr(begin + 1, end - begin - 1));
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_TRUE(finished.output.starts_with("changed: ")) << finished.output;
  EXPECT_EQ(called(), "daemon-reload\n");
  const std::string written = read_file(path("units/" + unit_ + ".d/zz-sockopt.conf"));
  EXPECT_TRUE(contains(written, "SOCKOPT_CONFIG=" + path("own.ini") + "\""));
}

// A service that has the library needs no enabling.
TEST_F(Host, ApplySaysThatTheLibraryWhichIsThereSetsItAgain) {
  boot_systemd();
  const UnitGroup group(unit_);
  Environment environment = plain_environment();
  environment["LD_PRELOAD"] = library().native();
  environment["SOCKOPT_CONFIG"] = path("own.ini");
  const DemoServer victim({}, {}, environment);
  if (!group.take(victim.pid())) GTEST_SKIP() << "no control group can be made here";
  write("own.ini", "[sockopt]\nkeepidle = 62s\n");
  const Finished applied = call("apply " + std::to_string(victim.pid()));
  ASSERT_TRUE(ends_with_status(applied, 0));
  EXPECT_TRUE(contains(applied.output, "keepidle 61s -> 62s")) << applied.output;
  EXPECT_TRUE(contains(applied.output, " then the library sets it again, unless the program does."))
      << applied.output;
  EXPECT_EQ(count(applied.output, "sockopt enable"), 0) << applied.output;
}

TEST_F(Host, WhatFailedOutweighsWhatWasNotSeen) {
  boot_systemd();
  const UnitGroup group(unit_);
  const DemoServer victim({}, "nobody");
  if (!group.take(victim.pid())) GTEST_SKIP() << "no control group can be made here";
  const std::string unprivileged =
      "setpriv --bounding-set=-sys_ptrace " + command_path() + " " + enable("--now");
  EXPECT_TRUE(ends_with_status(in_namespace(unprivileged), 3));
  EXPECT_TRUE(ends_with_status(in_namespace(unprivileged + " no-such-unit"), 1));
}

TEST_F(Host, NowWithoutAProcess) {
  boot_systemd();
  const Finished finished = call(enable("--now"));
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_TRUE(contains(finished.output, unit_ + " has no process at the moment"));
  EXPECT_EQ(called(), "daemon-reload\n");
  EXPECT_TRUE(ends_with_status(call("disable --now " + unit_), 0));
  EXPECT_EQ(called(), "daemon-reload\ndaemon-reload\n");
  EXPECT_FALSE(fs::exists(path("units/" + unit_ + ".d")));
}

TEST_F(Host, NowWhereSystemdDoesNotRun) {
  const Finished finished = call(enable("--now"));
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_TRUE(contains(finished.error, "systemd: it is not running"));
  EXPECT_EQ(called(), "");
}

TEST_F(Host, AReloadThatFailsIsAFault) {
  boot_systemd();
  write("bin/systemctl", "#!/bin/sh\nexit 4\n");
  fs::permissions(path("bin/systemctl"), fs::perms::all);
  const Finished finished = call(enable("--now"));
  EXPECT_TRUE(ends_with_status(finished, 1));
  EXPECT_TRUE(contains(finished.error, "systemctl daemon-reload: exited with 4"));
}

TEST_F(Host, SystemdAnalyzeHasNoComplaint) {
  SOCKOPT_NEEDS("systemd-analyze");
  ASSERT_TRUE(ends_with_status(call(enable("--require")), 0));
  // Only what it is asked about: the host's units may have mistakes of their own.
  const Finished verified = in_namespace(
      command_path() + " " + enable("--require") +
      "; systemd-analyze verify --man=no --recursive-errors=no /etc/systemd/system/" + unit_);
  EXPECT_TRUE(verified.success()) << verified.error;
  EXPECT_EQ(count(verified.error, "sockopt"), 0) << verified.error;
}

TEST_F(Host, SystemdAnalyzeHasNoComplaintOfTheBpfEngine) {
  SOCKOPT_NEEDS("systemd-analyze");
  const Finished engine = call("attach --list");
  if (contains(engine.error, "built without")) GTEST_SKIP() << engine.error;
  for (const std::string more : {"--engine bpf", "--engine bpf --require"}) {
    const Finished verified = in_namespace(
        command_path() + " " + enable(more) + " && systemd-analyze verify --man=no " +
        "--recursive-errors=no /etc/systemd/system/" + unit_ + " && cat /etc/systemd/system/" +
        unit_ + ".d/zz-sockopt.conf && " + command_path() + " disable " + unit_);
    EXPECT_TRUE(verified.success()) << verified.error;
    EXPECT_TRUE(contains(verified.output, "ExecStopPost=-+" + command_path() + " detach -u %n\n"));
    EXPECT_TRUE(contains(verified.output, "daemon-reload && sockopt detach -u " + unit_ + "\n"));
    EXPECT_EQ(count(verified.error, "zz-sockopt"), 0) << "systemd understands every line";
  }
}

TEST_F(Host, TheCheckThatRequireAddsRefusesABadFile) {
  ASSERT_TRUE(ends_with_status(call(enable("--require")), 0));
  const Finished good = run(
      {.argv = {command_path(), "check"}, .environment = {{"SOCKOPT_CONFIG", path("own.ini")}}});
  EXPECT_TRUE(ends_with_status(good, 0));
  write("own.ini", "[sockopt]\nkeepidel = 1\n");
  const Finished bad = run(
      {.argv = {command_path(), "check"}, .environment = {{"SOCKOPT_CONFIG", path("own.ini")}}});
  EXPECT_TRUE(ends_with_status(bad, 1));
}

}  // namespace
}  // namespace sockopt::test
