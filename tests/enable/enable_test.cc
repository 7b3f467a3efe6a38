// SPDX-License-Identifier: MIT
//
// What `sockopt enable` writes, when it writes nothing, and what it says.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/enable/service_tree.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"
#include "tools/sockopt/diagnosis/library_file.h"
#include "tools/systemd/service_command.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

constexpr char kName[] = "daemon.service";

std::string changed(const ServiceTree& tree, const std::string& unit = kName) {
  return "changed: " + tree.root() + ServiceTree::drop_in(unit) + "\n";
}
std::string unchanged(const ServiceTree& tree, const std::string& unit = kName) {
  return "un" + changed(tree, unit);
}

TEST(Enable, WritesADropInAndNothingElse) {
  ServiceTree tree;
  tree.service(kName);
  const std::string unit_file = tree.read("/usr/lib/systemd/system/daemon.service");
  const Finished finished = tree.enable({"daemon"});
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_EQ(finished.output, changed(tree));
  EXPECT_EQ(finished.error, "");
  EXPECT_TRUE(std::regex_match(
      tree.written(kName),
      std::regex("# Written by `sockopt enable daemon.service`; `sockopt disable daemon.service` "
                 "removes it.\n#.*\n# .* checksum: [0-9a-f]{16}\n"
                 "\\[Service\\]\nEnvironment=\"LD_PRELOAD=/usr/local/lib/libsockopt.so\"\n")))
      << tree.written(kName);
  EXPECT_EQ(tree.read("/usr/lib/systemd/system/daemon.service"), unit_file);
  struct stat status = {};
  ASSERT_EQ(stat((tree.root() + ServiceTree::drop_in(kName)).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644u);
  const auto in_directory =
      fs::directory_iterator(tree.root() + "/etc/systemd/system/daemon.service.d");
  EXPECT_EQ(std::distance(begin(in_directory), end(in_directory)), 1);
}

TEST(Enable, TheSecondTimeChangesNothing) {
  ServiceTree tree;
  tree.service(kName);
  tree.enable({"daemon"});
  struct stat before = {};
  struct stat after = {};
  const std::string path = tree.root() + ServiceTree::drop_in(kName);
  ASSERT_EQ(stat(path.c_str(), &before), 0);
  const Finished again = tree.enable({"daemon.service"});
  ASSERT_TRUE(ends_with_status(again, 0));
  EXPECT_EQ(again.output, unchanged(tree));
  ASSERT_EQ(stat(path.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

TEST(Enable, LdPreloadKeepsWhatItHad) {
  ServiceTree tree;
  tree.service(kName, "Environment=A=1 \"LD_PRELOAD=/usr/lib/a.so /usr/lib/b.so\"\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), std::string(kLibrary) + ":/usr/lib/a.so:/usr/lib/b.so");
  EXPECT_EQ(tree.environment(kName),
            (std::vector<std::string>{"A=1", "LD_PRELOAD=" + tree.preload(kName)}));
}

TEST(Enable, AlsoOfADropInThatSystemctlEditWrote) {
  ServiceTree tree;
  tree.service(kName, "Environment=LD_PRELOAD=/usr/lib/vendor.so\n");
  tree.write("/etc/systemd/system/daemon.service.d/override.conf",
             "[Service]\nEnvironment=LD_PRELOAD=/usr/lib/admin.so\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), std::string(kLibrary) + ":/usr/lib/admin.so");
  // When that changes, what was written is out of date.
  tree.write("/etc/systemd/system/daemon.service.d/override.conf",
             "[Service]\nEnvironment=LD_PRELOAD=/usr/lib/other.so\n");
  EXPECT_EQ(tree.enable({"daemon"}).output, changed(tree));
  EXPECT_EQ(tree.preload(kName), std::string(kLibrary) + ":/usr/lib/other.so");
}

// Beside the library where the configuration of the unit has something for ZeroMQ's sockets.
TEST(Enable, AddsTheLibraryForZeroMqWhereItIsConfigured) {
  const std::string of_zmq = "/usr/local/lib/libsockopt-zmq.so";
  ServiceTree tree;
  tree.service(kName);
  tree.write(kConfiguration, "[zmq]\nlinger = 5s\n");
  const Finished missing = tree.enable({"--dry-run", "daemon"});
  ASSERT_TRUE(ends_with_status(missing, 0));
  EXPECT_EQ(count(missing.output, "libsockopt-zmq.so"), 0);
  EXPECT_TRUE(contains(missing.error,
                       "libsockopt-zmq.so is not installed: nothing sets what is "
                       "configured for ZeroMQ's sockets"));
  fs::copy_file(library().parent_path() / "libsockopt-zmq.so", tree.root() + of_zmq);
  const Finished enabled = tree.enable({"daemon"});
  ASSERT_TRUE(ends_with_status(enabled, 0));
  EXPECT_EQ(enabled.error, "");
  EXPECT_EQ(tree.preload(kName), std::string(kLibrary) + ":" + of_zmq);
  tree.write("/etc/tcp.ini", "[sockopt]\nkeepalive = on\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"-c", "/etc/tcp.ini", "daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), kLibrary);
  tree.write("/etc/zmq.ini", "[zmq]\nlinger = 5s\n");
  tree.write(kConfiguration, "[sockopt]\nkeepalive = on\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"-c", "/etc/zmq.ini", "daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), std::string(kLibrary) + ":" + of_zmq);
}

TEST(Enable, TheManagersOwnPreloadIsKept) {
  ServiceTree tree;
  tree.service(kName);
  tree.write("/etc/systemd/system.conf", "[Manager]\nDefaultEnvironment=LD_PRELOAD=/lib/all.so\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), std::string(kLibrary) + ":/lib/all.so");
}

TEST(Enable, TheLibraryIsThereOnce) {
  ServiceTree tree;
  tree.service(kName, "Environment=LD_PRELOAD=libsockopt.so:/usr/lib/a.so\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), std::string(kLibrary) + ":/usr/lib/a.so");
}

TEST(Enable, WhatNeedsQuotesAndSpecifiersIsReadAsItWas) {
  ServiceTree tree;
  tree.service("daemon@.service", "Environment='LD_PRELOAD=/opt/%i/a\"b.so:/opt/c\\x5cd.so'\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"daemon@x"}), 0));
  EXPECT_EQ(tree.preload("daemon@x.service"),
            std::string(kLibrary) + ":/opt/%i/a\"b.so:/opt/c\\d.so");
  EXPECT_FALSE(tree.exists(ServiceTree::drop_in("daemon@.service")));
}

TEST(Enable, AFileOfItsOwn) {
  ServiceTree tree;
  tree.service(kName);
  tree.write("/etc/sockopt/100%.ini", "[sockopt]\nnodelay = on\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"-c", "/etc/sockopt/100%.ini", "daemon"}), 0));
  EXPECT_TRUE(
      contains(tree.written(kName), "\nEnvironment=\"SOCKOPT_CONFIG=/etc/sockopt/100%%.ini\"\n"));
  // The next time it is not asked for.
  EXPECT_EQ(tree.enable({"daemon"}).output, changed(tree));
  EXPECT_EQ(count(tree.written(kName), "SOCKOPT_CONFIG"), 0);

  EXPECT_TRUE(ends_with_status(tree.enable({"-c", "/etc/none.ini", "daemon"}), 2));
  EXPECT_TRUE(ends_with_status(tree.enable({"-c", "relative.ini", "daemon"}), 2));
  EXPECT_EQ(tree.enable({"daemon"}).output, unchanged(tree));
}

TEST(Enable, RequireRefusesTheStart) {
  ServiceTree tree;
  tree.service(kName);
  const Finished without = tree.enable({"--require", "daemon"});
  EXPECT_TRUE(ends_with_status(without, 1));
  EXPECT_TRUE(contains(without.error, "--require needs the sockopt command"));
  tree.install_command();
  ASSERT_TRUE(ends_with_status(tree.enable({"--require", "daemon"}), 0));
  const SystemdUnit unit = tree.load(kName);
  EXPECT_EQ(unit.settings.last("Unit", "AssertPathExists").text, kLibrary);
  EXPECT_EQ(unit.settings.last("Service", "ExecStartPre").text,
            "+/usr/bin/sockopt check --program /usr/sbin/daemon");
  EXPECT_EQ(tree.preload(kName), kLibrary);
}

// As the service's user, whose files the library trusts.
TEST(Enable, RequireReadsAsTheUserOfTheService) {
  ServiceTree tree;
  tree.install_command();
  tree.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nredis:x:113:113::/:/bin/false\n");
  tree.service(kName, "User=redis\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"--require", "daemon"}), 0));
  EXPECT_EQ(tree.load(kName).settings.last("Service", "ExecStartPre").text,
            "+/usr/bin/sockopt check --program /usr/sbin/daemon --user redis");
  tree.service(kName, "DynamicUser=yes\nUser=gone\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"--require", "daemon"}), 0));
  EXPECT_EQ(tree.load(kName).settings.last("Service", "ExecStartPre").text,
            "+/usr/bin/sockopt check --program /usr/sbin/daemon --user 61184");
  // Several programs: it is not told which one a rule is for.
  tree.service(kName, "Type=oneshot\nExecStart=/usr/sbin/daemon\nExecStart=/usr/sbin/other\n");
  ASSERT_TRUE(ends_with_status(tree.enable({"--require", "daemon"}), 0));
  EXPECT_EQ(tree.load(kName).settings.last("Service", "ExecStartPre").text,
            "+/usr/bin/sockopt check");
}

// Whether it is what the check would refuse is known before it is written.
TEST(Enable, RequireIsRefusedWhereTheUserMayNotReadTheConfiguration) {
  ServiceTree tree;
  tree.install_command();
  tree.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nredis:x:113:113::/:/bin/false\n");
  tree.service(kName, "User=redis\n");
  fs::permissions(tree.root() + kConfiguration, fs::perms::owner_read);
  const Finished refused = tree.enable({"--require", "daemon"});
  EXPECT_TRUE(ends_with_status(refused, 1));
  EXPECT_TRUE(contains(refused.error, "is not accessible to User=redis"));
  EXPECT_TRUE(contains(refused.error, "nothing was written"));
  EXPECT_FALSE(tree.exists(ServiceTree::drop_in(kName)));
  EXPECT_TRUE(ends_with_status(tree.enable({"daemon"}), 4)) << "without it, it may start";
}

// It would keep the service from starting, whatever the configuration says.
TEST(Enable, RequireRefusesACommandThatCannotRunThere) {
  ServiceTree tree;
  tree.service(kName);
  const auto refused = [&](const std::string& why) {
    const Finished finished = tree.enable({"--require", "daemon"});
    EXPECT_TRUE(ends_with_status(finished, 1));
    EXPECT_TRUE(contains(finished.error, "/usr/bin/sockopt cannot run: " + why));
    EXPECT_FALSE(tree.exists(ServiceTree::drop_in(kName)));
  };
  const std::string path = tree.root() + "/usr/bin/sockopt";
  tree.write("/usr/bin/sockopt", "#!/bin/sh\n");
  refused("it is not executable");
  fs::permissions(path, fs::perms::owner_all);
  refused("its interpreter " + tree.root() + "/bin/sh does not exist");
  tree.write("/usr/bin/sockopt", "no program");
  fs::permissions(path, fs::perms::owner_all);
  refused(path + " is no program");
  fs::copy_file(command_path(), path, fs::copy_options::overwrite_existing);
  refused("its loader " + tree.root() + "/lib");
  tree.install_command();
  ASSERT_TRUE(ends_with_status(tree.enable({"--require", "daemon"}), 0));
  for (const auto& entry : fs::recursive_directory_iterator(tree.root() + "/lib")) {
    if (entry.path().filename() == "libc.so.6") fs::remove(entry.path());
  }
  const Finished without = tree.enable({"--require", "daemon"});
  EXPECT_TRUE(ends_with_status(without, 1));
  EXPECT_TRUE(contains(without.error, "cannot run: it needs libc.so.6, which does not exist"));
}

// The command that is installed runs wherever there is a C library.
TEST(Enable, TheCommandNeedsTheCLibraryOnly) {
  SOCKOPT_NEEDS_NO_SANITIZER();
  const auto elf = read_elf_file(command_path());
  ASSERT_TRUE(elf);
  for (const std::string& name : elf->needed) {
    EXPECT_TRUE(name.starts_with("libc.so.") || name.starts_with("libm.so.") ||
                name.starts_with("ld-linux") || name.starts_with("ld64"))
        << name;
  }
}

// A mistake that another program's rule has is no reason to refuse this service.
TEST(Enable, AMistakeInARuleForAnotherProgramIsAWarning) {
  ServiceTree tree;
  tree.service(kName);
  tree.write(kConfiguration, "[sockopt]\nkeepalive = on\n[rule a]\nprogram = other\nbacklgo = 5\n");
  const Finished finished = tree.enable({"daemon"});
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_TRUE(contains(finished.error,
                       "warning: daemon.service: " + tree.root() + kConfiguration + ":5:1: "));
  EXPECT_TRUE(contains(finished.error, "(in a rule for other programs)"));
  tree.write(kConfiguration, "[rule a]\nprogram = daemon\nbacklgo = 5\n");
  EXPECT_TRUE(ends_with_status(tree.enable({"daemon"}), 1));
}

TEST(Enable, DryRunShowsWhatWouldBeWritten) {
  ServiceTree tree;
  tree.service(kName);
  const std::string before = tree.all_of_etc();
  const Finished first = tree.enable({"--dry-run", "daemon"});
  ASSERT_TRUE(ends_with_status(first, 0));
  EXPECT_TRUE(first.output.starts_with("would " + changed(tree).replace(0, 7, "create")))
      << first.output;
  EXPECT_TRUE(
      contains(first.output, "\n+ Environment=\"LD_PRELOAD=/usr/local/lib/libsockopt.so\""));
  EXPECT_EQ(tree.all_of_etc(), before);

  tree.enable({"daemon"});
  EXPECT_EQ(tree.enable({"-n", "daemon"}).output, unchanged(tree));
  tree.write("/etc/x.ini", "[sockopt]\nnodelay = on\n");
  const Finished second = tree.enable({"-n", "-c", "/etc/x.ini", "daemon"});
  EXPECT_TRUE(second.output.starts_with("would change: ")) << second.output;
  EXPECT_TRUE(contains(second.output, "\n  Environment=\"LD_PRELOAD="));
  EXPECT_TRUE(contains(second.output, "\n+ Environment=\"SOCKOPT_CONFIG=/etc/x.ini\"\n"));
  EXPECT_TRUE(contains(second.output, "\n- # Unchanged as long as"));
}

TEST(Enable, TellsProgramsWhatCameOfEachUnit) {
  ServiceTree tree;
  tree.service("a.service");
  tree.service("b.service", "NoExecPaths=/\n");
  const auto enable = [&](std::vector<std::string> more, int expected) {
    more.insert(more.begin(), "--json");
    const Finished finished = tree.enable(std::move(more));
    EXPECT_TRUE(ends_with_status(finished, expected));
    return nlohmann::json::parse(finished.output);
  };
  const auto dry = enable({"--dry-run", "a"}, 0);
  EXPECT_EQ(dry["schema"], "sockopt.enable/1");
  EXPECT_EQ(dry["dry_run"], true);
  EXPECT_EQ(dry["units"][0]["result"], "would create");
  EXPECT_TRUE(contains(dry.dump(), "LD_PRELOAD would name the library ("));
  EXPECT_FALSE(tree.exists(ServiceTree::drop_in("a.service")));
  const auto all = enable({"a", "b", "none"}, 1);
  ASSERT_EQ(all["units"].size(), 3U);
  EXPECT_EQ(all["units"][0]["unit"], "a.service");
  EXPECT_EQ(all["units"][0]["path"], tree.root() + ServiceTree::drop_in("a.service"));
  EXPECT_EQ(all["units"][0]["result"], "changed");
  EXPECT_EQ(all["units"][0]["reaches"], true);
  EXPECT_TRUE(all["units"][0]["applied"].is_null());
  EXPECT_EQ(all["units"][1]["result"], "changed");
  EXPECT_EQ(all["units"][1]["reaches"], false);
  EXPECT_TRUE(contains(all["units"][1]["findings"].dump(), "\"level\":\"error\""));
  EXPECT_EQ(all["units"][2]["result"], "refused");
  EXPECT_TRUE(contains(all["units"][0].dump(), "LD_PRELOAD names the library ("));
  EXPECT_EQ(enable({"a"}, 0)["units"][0]["result"], "unchanged");
  EXPECT_TRUE(contains(enable({"-n", "a"}, 0).dump(), "LD_PRELOAD names the library ("));
  // Of what was not written nothing is good.
  tree.write(kConfiguration, "[sockopt]\nkeepcnt = x\n");
  tree.service("c.service");
  EXPECT_FALSE(contains(enable({"c"}, 1).dump(), "the library ("));
}

// Written and of no use is another status than not written.
TEST(Enable, ItsStatusTellsWhatIsInVainFromWhatWasNotDone) {
  ServiceTree tree;
  tree.service("a.service", "NoExecPaths=/\n");
  EXPECT_TRUE(ends_with_status(tree.enable({"--dry-run", "a"}), 4));
  EXPECT_TRUE(ends_with_status(tree.enable({"a"}), 4));
  EXPECT_TRUE(tree.exists(ServiceTree::drop_in("a.service")));
  EXPECT_TRUE(ends_with_status(tree.enable({"a"}), 4)) << "it is still there, and of no use";
  EXPECT_TRUE(ends_with_status(tree.enable({"a", "none"}), 1));
}

// systemd expands `%` in ExecStart= as well.
TEST(Enable, WhatItSaysToWriteIntoAUnitIsReadAsItWas) {
  ServiceTree tree;
  tree.service("daemon@.service",
               "ExecStart=-+/usr/bin/env -i /usr/sbin/daemon 100%% %i +%%s %H 'a b'\n");
  const std::string said = tree.enable({"daemon@x"}).error;
  const std::string advice = "in a drop-in: ExecStart= and ";
  const std::size_t at = said.find(advice);
  ASSERT_NE(at, said.npos) << said;
  tree.write("/etc/systemd/system/daemon@x.service.d/a.conf",
             "[Service]\nExecStart=\n" + said.substr(at + advice.size()));
  const auto commands =
      service_commands(tree.load("daemon@x.service").settings, "daemon@x.service");
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(commands[0].prefixes, "-+");
  EXPECT_EQ(commands[0].path, "/usr/bin/env");
  EXPECT_EQ(commands[0].words,
            (std::vector<std::string>{"-i", "/usr/bin/env", std::string("LD_PRELOAD=") + kLibrary,
                                      "/usr/sbin/daemon", "100%", "x", "+%s", "%H", "a b"}));
  EXPECT_EQ(tree.enable({"daemon@x"}).error, "");
}

// The program that a rule is for, whatever starts it.
TEST(Enable, RequireChecksForWhatTheCommandComesTo) {
  ServiceTree tree;
  tree.install_command();
  tree.write("/usr/sbin/start", "#!/bin/sh\nexec /usr/sbin/daemon -x\n");
  tree.write("/usr/sbin/unknown", "#!/bin/sh\nexec \"$DAEMON\"\n");
  const std::string rule = "[rule a]\nprogram = daemon\nbacklgo = 5\n";
  for (const auto& [line, program] :
       {std::pair("/usr/bin/env A=1 /usr/sbin/daemon", " --program /usr/sbin/daemon"),
        std::pair("/usr/sbin/start", " --program /usr/sbin/daemon"),
        std::pair("/usr/sbin/unknown", "")}) {
    SCOPED_TRACE(line);
    tree.write(kConfiguration, "[sockopt]\nkeepalive = on\n");
    tree.service(kName, std::string("ExecStart=") + line + "\n");
    ASSERT_TRUE(ends_with_status(tree.enable({"--require", "daemon"}), 0));
    EXPECT_EQ(tree.load(kName).settings.last("Service", "ExecStartPre").text,
              std::string("+/usr/bin/sockopt check") + program);
    tree.write(kConfiguration, rule);
    EXPECT_TRUE(ends_with_status(tree.enable({"--require", "daemon"}), 1));
  }
}

TEST(Enable, NamesTheServiceThatAnotherUnitStarts) {
  ServiceTree tree;
  tree.service("daemon.service");
  tree.service("per@.service");
  const auto unit = [&](const std::string& name, const std::string& lines) {
    tree.write("/usr/lib/systemd/system/" + name, lines);
  };
  unit("daemon.socket", "[Socket]\nListenStream=80\n");
  unit("per.socket", "[Socket]\nListenStream=80\nAccept=yes\n");
  unit("front.socket", "[Socket]\nListenStream=80\nService=daemon.service\n");
  unit("daily.timer", "[Timer]\nOnCalendar=daily\nUnit=daemon.service\n");
  unit("alone.socket", "[Socket]\nListenStream=80\n");
  for (const auto& [name, service] :
       {std::pair("daemon.socket", "; name daemon.service"),
        std::pair("per.socket", "; name per@.service"),
        std::pair("front.socket", "; name daemon.service"),
        std::pair("daily.timer", "; name daemon.service"), std::pair("alone.socket", ""),
        std::pair("some.target", "")}) {
    const Finished finished = tree.enable({name});
    EXPECT_TRUE(ends_with_status(finished, 2)) << name;
    EXPECT_TRUE(contains(finished.error,
                         std::string(name) + ": only services start programs" + service + "\n"));
  }
}

TEST(Enable, SeveralUnits) {
  ServiceTree tree;
  tree.service("a.service");
  tree.service("b.service");
  const Finished finished = tree.enable({"a", "none", "b"});
  EXPECT_TRUE(ends_with_status(finished, 1));
  EXPECT_EQ(finished.output, changed(tree, "a.service") + changed(tree, "b.service"));
  EXPECT_TRUE(contains(finished.error, "sockopt: none: there is no such unit"));
}

TEST(Enable, AnAliasMeansTheUnitItself) {
  ServiceTree tree;
  tree.service("redis-server.service");
  tree.link("/etc/systemd/system/redis.service", "/usr/lib/systemd/system/redis-server.service");
  EXPECT_EQ(tree.enable({"redis"}).output, changed(tree, "redis-server.service"));
  EXPECT_FALSE(tree.exists("/etc/systemd/system/redis.service.d"));
}

TEST(Enable, AServiceOfAnInitScript) {
  ServiceTree tree;
  tree.write("/etc/init.d/exim4", "#!/bin/sh\n");
  EXPECT_TRUE(contains(tree.enable({"exim4"}).error, "no such unit")) << "it is not executable";
  fs::permissions(tree.root() + "/etc/init.d/exim4", fs::perms::owner_all);
  EXPECT_EQ(tree.enable({"exim4"}).output, changed(tree, "exim4.service"));
}

struct Refused {
  std::string name;
  std::string why;
  int status = 1;
};

TEST(Enable, WhatCannotBeEnabledIsSaidAndLeftAlone) {
  ServiceTree tree;
  tree.write("/dev/null", "");
  tree.service("daemon.service", "[Install]\nAlias=other.service\n");
  tree.service("worker@.service");
  tree.service("masked.service");
  tree.link("/etc/systemd/system/masked.service", "/dev/null");
  tree.service("idle.service", "ExecStart=/bin/true\n");
  tree.service("meta.service", "ExecStart=/bin/true\n");
  tree.write("/usr/lib/systemd/system/part.service",
             "[Unit]\nPartOf=meta.service\n[Service]\nExecStart=/usr/sbin/daemon\n");
  tree.service("postgresql.service", "ExecStart=/bin/true\n");
  tree.write("/usr/lib/systemd/system/postgresql@.service",
             "[Unit]\nPartOf=postgresql.service\n[Service]\nExecStart=/usr/sbin/daemon\n");
  const std::string before = tree.all_of_etc();
  const std::string enable = "sockopt enable --root " + tree.root() + " ";
  for (const Refused& one : std::vector<Refused>{
           {"deamon", "there is no such unit; did you mean daemon?"},
           {"other", "there is no such unit; it is an alias of daemon.service"},
           {"worker", "worker@.service is a template: give an instance, worker@NAME"},
           {"masked", "it is masked by " + tree.root() +
                          "/etc/systemd/system/masked.service; "
                          "systemctl --root " +
                          tree.root() + " unmask masked.service"},
           {"idle", "it starts no program that could open a socket"},
           {"meta", "it is a wrapper unit; " + enable + "part.service"},
           {"postgresql", "it is a wrapper unit; " + enable + "postgresql@.service"},
           {"daemon.socket", "only services start programs", 2},
           {"../../evil", "not a valid unit name", 2},
           {"", "not a valid unit name", 2}}) {
    const Finished finished = tree.enable({one.name});
    EXPECT_TRUE(ends_with_status(finished, one.status));
    EXPECT_TRUE(contains(finished.error, one.why));
    EXPECT_EQ(finished.output, "");
  }
  EXPECT_EQ(tree.all_of_etc(), before);
  // Once the clusters are known, they are named.
  tree.write("/etc/postgresql/15/main/postgresql.conf", "");
  EXPECT_TRUE(contains(tree.enable({"postgresql"}).error, enable + "postgresql@15-main.service"));
  // And what is named can be enabled as it is said.
  const std::string fix = printed_command(tree.enable({"meta"}).error, "wrapper unit; ");
  EXPECT_TRUE(run_printed(fix).success()) << fix;
  EXPECT_TRUE(tree.exists(ServiceTree::drop_in("part.service")));
}

TEST(Enable, AWrongCommandLine) {
  ServiceTree tree;
  tree.service(kName);
  EXPECT_TRUE(ends_with_status(sockopt({"enable"}), 2));
  EXPECT_TRUE(ends_with_status(sockopt({"enable", "--root", tree.root() + "/none", "a"}), 2));
  EXPECT_TRUE(ends_with_status(tree.enable({"--now", "daemon"}), 2));
  EXPECT_FALSE(tree.exists(ServiceTree::drop_in(kName)));
}

TEST(Enable, AFileThatTheLibraryWouldNotReadIsNotEnabled) {
  ServiceTree tree;
  tree.service(kName);
  ASSERT_EQ(mkfifo((tree.root() + "/etc/fifo.ini").c_str(), 0644), 0);
  const Finished finished = tree.enable({"--dry-run", "-c", "/etc/fifo.ini", "daemon"});
  ASSERT_TRUE(ends_with_status(finished, 1));
  EXPECT_TRUE(
      contains(finished.error, "/etc/fifo.ini: not read: it is a FIFO, not a regular file\n"));
  EXPECT_TRUE(contains(finished.error, "nothing was written"));
}

// `rm` of a path without the root would take away a file of the host.
TEST(Enable, NamesAFileInTheImageByItsPathOutside) {
  ServiceTree tree;
  tree.service(kName);
  ASSERT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  const std::string path = ServiceTree::drop_in(kName);
  const std::string ours = tree.read(path);
  for (const std::string& text : {ours + "Nice=5\n", std::string("[Service]\nNice=5\n")}) {
    tree.write(path, text);
    const Finished finished = tree.enable({"daemon"});
    ASSERT_TRUE(ends_with_status(finished, 1));
    EXPECT_TRUE(contains(finished.error, ": " + tree.root() + path + " was "));
    EXPECT_EQ(tree.read(path), text);
  }
}

TEST(Enable, ABadConfigurationIsNotEnabled) {
  ServiceTree tree;
  tree.write(kConfiguration, "[sockopt]\nkeepidel = 60s\n");
  tree.service(kName);
  const Finished finished = tree.enable({"daemon"});
  EXPECT_TRUE(ends_with_status(finished, 1));
  EXPECT_TRUE(contains(finished.error, "did you mean `keepidle`?"));
  EXPECT_TRUE(contains(finished.error, "sockopt: daemon: nothing was written\n"));
  EXPECT_FALSE(tree.exists(ServiceTree::drop_in(kName)));
}

TEST(Enable, NorOneOfBadVariables) {
  ServiceTree tree;
  tree.service(kName, "Environment=SOCKOPT_KEEPIDLE=never\n");
  EXPECT_TRUE(ends_with_status(tree.enable({"daemon"}), 1));
  EXPECT_FALSE(tree.exists(ServiceTree::drop_in(kName)));
  tree.service(kName, "Environment=SOCKOPT_KEEPIDLE=60s\n");
  EXPECT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
}

TEST(Enable, WithoutTheLibraryThereIsNothingToEnable) {
  ServiceTree tree;
  tree.service(kName);
  fs::remove(tree.root() + kLibrary);
  EXPECT_TRUE(contains(tree.enable({"daemon"}).error, "libsockopt.so is not installed there"));
  tree.write("/usr/lib/x86_64-linux-gnu/libsockopt.so", "no library");
  EXPECT_TRUE(contains(tree.enable({"daemon"}).error, "is not a library"));
  fs::copy_file(library(), tree.root() + "/usr/lib/x86_64-linux-gnu/libsockopt.so",
                fs::copy_options::overwrite_existing);
  ASSERT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), "/usr/lib/x86_64-linux-gnu/libsockopt.so");
}

TEST(Enable, NothingIsWrittenThroughALinkOutOfTheImage) {
  TemporaryDirectory host;
  ServiceTree tree;
  tree.service(kName);
  tree.link("/etc/systemd", host.path());
  EXPECT_TRUE(ends_with_status(tree.enable({"daemon"}), 1));
  EXPECT_TRUE(fs::is_empty(host.path()));
}

TEST(Enable, LinksWithinTheImageAreFollowed) {
  ServiceTree tree;
  tree.service(kName);
  tree.write("/data/units/keep", "");
  tree.link("/etc/systemd/system", "/data/units");
  ASSERT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_TRUE(tree.exists("/data/units/daemon.service.d/zz-sockopt.conf"));
  EXPECT_EQ(tree.preload(kName), kLibrary);
}

TEST(Enable, WhoMayNotWriteIsTold) {
  SOCKOPT_NEEDS_ROOT("to become another user");
  ServiceTree tree;
  tree.service(kName);
  Command started = command({"enable", "--root", tree.root(), "daemon"});
  started.user = "nobody";
  const Finished finished = run(started);
  EXPECT_TRUE(ends_with_status(finished, 1));
  EXPECT_TRUE(contains(finished.error, "Permission denied"));
  EXPECT_FALSE(tree.exists("/etc/systemd/system/daemon.service.d"));
}

// Written under another name, made durable, and only then given the real one.
TEST(Enable, TheFileIsThereAsAWholeOrNotAtAll) {
  SOCKOPT_NEEDS("strace");
  ServiceTree tree;
  tree.service(kName);
  Command started;
  started.argv = {"strace",       "-f",
                  "-o",           tree.root() + "/trace",
                  "-e",           "trace=openat,openat2,write,fsync,rename,renameat,renameat2",
                  command_path(), "enable",
                  "--root",       tree.root(),
                  "daemon"};
  started.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0";
  const Finished finished = run(started);
  if (contains(finished.error, "ptrace")) GTEST_SKIP() << finished.error;
  ASSERT_TRUE(ends_with_status(finished, 0));
  const std::string trace = tree.read("/trace");
  const std::size_t made = trace.find("\".zz-sockopt.conf.");
  const std::size_t written = trace.find("write(", made);
  const std::size_t durable = trace.find("fsync(", written);
  const std::size_t renamed = trace.find("rename", durable);
  const std::size_t listed = trace.find("fsync(", renamed);
  EXPECT_NE(made, std::string::npos) << trace;
  EXPECT_NE(listed, std::string::npos) << trace;
}

// The configuration has something for ZeroMQ's sockets, and the second library is installed.
TEST(Enable, AddsTheLibraryForZeroMqWhereTheConfigurationAsksForIt) {
  ServiceTree tree;
  tree.service(kName);
  tree.write(kConfiguration, "[sockopt]\nkeepalive = on\n[zmq]\nlinger = 5s\n");
  EXPECT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), kLibrary) << "it is not installed";
  const std::string second = "/usr/local/lib/libsockopt-zmq.so";
  tree.write(second, "");
  EXPECT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), kLibrary + (":" + second));
  tree.write(kConfiguration, "[sockopt]\nkeepalive = on\n");
  EXPECT_TRUE(ends_with_status(tree.enable({"daemon"}), 0));
  EXPECT_EQ(tree.preload(kName), kLibrary);
}

}  // namespace
}  // namespace sockopt::test
