// SPDX-License-Identifier: MIT
//
// What would keep the library from a service: each obstacle is said with what fixes it, and what is
// none draws no word.
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>

#include "tests/enable/service_tree.h"
#include "tests/support/requirements.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

class Obstacles : public testing::Test {
 protected:
  // The drop-in is written, as the cure may be elsewhere; and the exit status says that it is no
  // good yet.
  void expect_failure(const std::string& lines, const std::string& why,
                      const std::vector<std::string>& arguments = {"daemon"}) {
    tree_.service("daemon.service", lines);
    const Finished finished = tree_.enable(arguments);
    EXPECT_TRUE(ends_with_status(finished, 4)) << lines;
    EXPECT_TRUE(contains(finished.error, "sockopt: daemon.service: ")) << lines;
    EXPECT_TRUE(contains(finished.error, why)) << lines;
    EXPECT_EQ(count(finished.error, "\n"), 1) << finished.error;
    EXPECT_TRUE(tree_.exists(ServiceTree::drop_in("daemon.service"))) << lines;
  }

  void expect_warning(const std::string& lines, const std::string& why) {
    tree_.service("daemon.service", lines);
    const Finished finished = tree_.enable({"daemon"});
    EXPECT_TRUE(ends_with_status(finished, 0)) << lines;
    EXPECT_TRUE(contains(finished.error, "sockopt: warning: daemon.service: "));
    EXPECT_TRUE(contains(finished.error, why)) << lines;
    EXPECT_EQ(count(finished.error, "\n"), 1) << finished.error;
  }

  void expect_nothing(const std::string& lines,
                      const std::vector<std::string>& arguments = {"daemon"}) {
    tree_.service("daemon.service", lines);
    const Finished finished = tree_.enable(arguments);
    EXPECT_TRUE(ends_with_status(finished, 0)) << lines;
    EXPECT_EQ(finished.error, "") << lines;
  }

  void install(const std::string& path, const std::string& program) {
    fs::create_directories(fs::path(tree_.root() + path).parent_path());
    fs::copy_file(program, tree_.root() + path, fs::copy_options::overwrite_existing);
  }

  ServiceTree tree_;
};

TEST_F(Obstacles, WhatIsHarmlessDrawsNoWord) {
  expect_nothing(
      "MemoryDenyWriteExecute=yes\nProtectSystem=strict\nPrivateUsers=yes\nPrivateTmp=yes\n"
      "NoNewPrivileges=yes\nProtectHome=yes\nPrivateDevices=yes\nCapabilityBoundingSet=\n"
      "RestrictAddressFamilies=AF_INET AF_INET6\nSystemCallArchitectures=native\n"
      "PassEnvironment=LD_PRELOAD\nUnsetEnvironment=A LD_PRELOAD=/other.so\n"
      "EnvironmentFile=-/etc/default/none\n");
}

TEST_F(Obstacles, AnEnvironmentFileThatSetsLdPreload) {
  tree_.write("/etc/default/daemon", "A=1\nLD_PRELOAD=/usr/lib/a.so\n");
  expect_failure("EnvironmentFile=-/etc/default/%N\n",
                 "/etc/default/daemon:2 sets LD_PRELOAD, and an EnvironmentFile= wins over a "
                 "drop-in; set LD_PRELOAD=/usr/local/lib/libsockopt.so:/usr/lib/a.so there");
  // By a pattern, too.
  expect_failure("EnvironmentFile=/etc/default/d*\n", "/etc/default/daemon:2 sets LD_PRELOAD");
  // What was advised helps.
  tree_.write("/etc/default/daemon", "LD_PRELOAD=/usr/local/lib/libsockopt.so:/usr/lib/a.so\n");
  expect_nothing("EnvironmentFile=/etc/default/daemon\n");
}

TEST_F(Obstacles, UnsetEnvironment) {
  expect_failure("UnsetEnvironment=A LD_PRELOAD\n",
                 "UnsetEnvironment= at " + tree_.root() +
                     "/usr/lib/systemd/system/daemon.service:5 removes LD_PRELOAD");
}

// LD_PRELOAD arrives, and with it another configuration than -c names.
TEST_F(Obstacles, AConfigurationThatIsNotTheOneThatCounts) {
  tree_.write("/etc/own.ini", "[sockopt]\nnodelay = on\n");
  tree_.write("/etc/other.ini", "[sockopt]\nnodelay = on\n");
  const std::vector<std::string> own = {"-c", "/etc/own.ini", "daemon"};
  expect_nothing("", own);
  expect_failure("UnsetEnvironment=SOCKOPT_CONFIG\n",
                 "removes SOCKOPT_CONFIG; remove SOCKOPT_CONFIG from that line", own);
  tree_.write("/etc/default/daemon", "A=1\nSOCKOPT_CONFIG=/etc/other.ini\n");
  expect_failure("EnvironmentFile=/etc/default/daemon\n",
                 tree_.root() +
                     "/etc/default/daemon:2 sets SOCKOPT_CONFIG, and an "
                     "EnvironmentFile= wins over a drop-in; set "
                     "SOCKOPT_CONFIG=/etc/own.ini there",
                 own);
  tree_.write("/etc/default/daemon", "SOCKOPT_CONFIG=/etc/own.ini\n");
  expect_nothing("EnvironmentFile=/etc/default/daemon\n", own);
  expect_nothing("Environment=SOCKOPT_CONFIG=/etc/other.ini\n", own);
  const std::string later = "/etc/systemd/system/daemon.service.d/zzz.conf";
  tree_.write(later, "[Service]\nEnvironment=SOCKOPT_CONFIG=/etc/other.ini\n");
  expect_failure("", later + ":2 is read later and sets SOCKOPT_CONFIG to /etc/other.ini", own);
  // Without -c there is nothing to win.
  expect_nothing("");
}

// pam_env(8) reads /etc/environment behind all that the unit says.
TEST_F(Obstacles, ASessionOfPam) {
  tree_.write("/etc/pam.d/common-session", "session required pam_unix.so\n");
  tree_.write("/etc/pam.d/login", "# pam_env.so\n@include common-session\n");
  tree_.write("/etc/environment", "PATH=/bin\nLD_PRELOAD=/usr/lib/a.so\n");
  expect_nothing("PAMName=login\n");
  tree_.write("/etc/pam.d/common-session", "session required pam_env.so readenv=1\n");
  expect_failure("PAMName=login\n",
                 tree_.root() +
                     "/etc/environment:2 sets LD_PRELOAD, and what PAMName= reads wins "
                     "over a drop-in; set LD_PRELOAD=/usr/local/lib/libsockopt.so:"
                     "/usr/lib/a.so there (it is for every session)");
  expect_nothing("");
  tree_.write("/etc/pam.d/common-session", "session required pam_env.so readenv=0\n");
  expect_nothing("PAMName=login\n");
  tree_.write("/etc/pam.d/common-session", "session include system\n");
  tree_.write("/usr/lib/pam.d/system", "auth required pam_env.so envfile=/etc/env2\n");
  tree_.write("/etc/env2", "LD_PRELOAD=/usr/lib/b.so\n");
  expect_failure("PAMName=login\n", "/etc/env2:1 sets LD_PRELOAD");
}

TEST_F(Obstacles, AccountsAndProgramsThatAreNotThere) {
  tree_.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nweb:x:333:333::/:/bin/sh\n");
  tree_.write("/etc/group", "root:x:0:\nweb:x:333:\n");
  expect_nothing("User=web\nGroup=web\n");
  expect_nothing("User=4711\n");
  const std::string why =
      " does not exist in " + tree_.root() + ": without it systemd does not start the service\n";
  expect_warning("User=wbe\n", "User=wbe" + why);
  expect_warning("Group=wbe\n", "Group=wbe" + why);
  expect_nothing("DynamicUser=yes\nUser=wbe\n");
  // Made at boot.
  tree_.write("/usr/lib/sysusers.d/wbe.conf", "# u web2\nu wbe - \"a server\"\n");
  expect_nothing("User=wbe\n");
  expect_warning("User=web2\n", "User=web2" + why);
  expect_warning("ExecStart=/usr/sbin/deamon\n",
                 tree_.root() + "/usr/sbin/deamon does not exist, so nothing is known about it\n");
  expect_warning("ExecStart=/usr/bin/env A=1 /usr/sbin/deamon\n", "/usr/sbin/deamon does not");
  tree_.write("/usr/sbin/script", "#!/usr/bin/python9\n");
  expect_warning(
      "ExecStart=/usr/sbin/script\n",
      "/usr/sbin/script: its interpreter " + tree_.root() + "/usr/bin/python9 does not exist\n");
}

// What is said of the image's files leads to them from here; what is to be written there does not.
TEST_F(Obstacles, AreInTheImageThatIsNamed) {
  tree_.write("/etc/passwd", "web:x:333:333::/:/bin/sh\n");
  tree_.write("/etc/default/daemon", "LD_PRELOAD=/usr/lib/a.so\n");
  tree_.write("/etc/apparmor.d/usr.sbin.daemon", "/usr/sbin/daemon {\n}\n");
  tree_.write("/etc/own.ini", "[sockopt]\nkeepidel = on\nmark = 1\n");
  tree_.write("/srv/jail/x", "");
  tree_.write("/etc/nginx/nginx.conf", "");
  tree_.write("/etc/postfix/main.cf", "");
  tree_.write("/usr/sbin/nginx", "");
  tree_.write("/usr/sbin/postmulti", "");
  tree_.write("/usr/sbin/wrapper", "#!/bin/sh\nexport LD_PRELOAD=/x.so\nexec /usr/sbin/daemon\n");
  install("/usr/sbin/static", SOCKOPT_PROGRAM_DIR "/static_program");
  std::string said;
  for (const char* lines :
       {"EnvironmentFile=/etc/default/daemon\n", "UnsetEnvironment=LD_PRELOAD\n",
        "Environment=SOCKOPT_DISABLE=1\n", "User=web\n", "RootDirectory=/srv/jail\n",
        "Environment=SOCKOPT_CONFIG=/etc/own.ini\n", "RootImage=/srv/x.raw\n",
        "ExecStart=/usr/sbin/nginx\n", "ExecStart=/usr/sbin/postmulti -p start\n",
        "ExecStart=/usr/sbin/wrapper\n", "ExecStart=/usr/sbin/static\n",
        "InaccessiblePaths=/usr/local/lib\n", "NoExecPaths=/\n"}) {
    tree_.service("daemon.service", lines);
    said += tree_.enable({"--dry-run", "daemon"}).error;
  }
  tree_.write(kConfiguration, "[sockopt]\n");
  said += tree_.enable({"--dry-run", "daemon"}).error;
  EXPECT_TRUE(contains(said, "add settings to " + tree_.root() + kConfiguration)) << said;
  EXPECT_TRUE(contains(said, "at the top of " + tree_.root() + "/etc/nginx/nginx.conf")) << said;
  EXPECT_TRUE(contains(said, "postconf -c " + tree_.root() + "/etc/postfix -e ")) << said;
  EXPECT_TRUE(contains(said, tree_.root() + "/usr/sbin/wrapper:2 sets LD_PRELOAD")) << said;
  EXPECT_GE(count(said, "\n"), 16) << said;
  for (std::size_t at = said.find(" /"); at != said.npos; at = said.find(" /", at + 1)) {
    const std::string path = said.substr(at + 1, said.find_first_of(" :,;\n", at + 1) - at - 1);
    const bool is_to_be_written =
        path == kLibrary || said.compare(at + 1 + path.size(), 3, " r,") == 0;
    EXPECT_TRUE(path.starts_with(tree_.root()) || !tree_.exists(path) || is_to_be_written)
        << path << " in\n"
        << said;
  }
}

TEST_F(Obstacles, ADropInThatComesLater) {
  const std::string later = "/etc/systemd/system/daemon.service.d/zzz.conf";
  tree_.write(later, "[Service]\nEnvironment=LD_PRELOAD=/usr/lib/a.so\n");
  expect_failure("", later + ":2 is read later and sets LD_PRELOAD");
  tree_.write(later, "[Service]\nEnvironment=\n");
  expect_failure(
      "", "an empty Environment= in a later drop-in removes LD_PRELOAD: " + tree_.root() + later);
  tree_.write(later, "[Service]\nEnvironment=A=1\n");
  expect_nothing("");
}

TEST_F(Obstacles, ADropInOfTheSameNameThatWins) {
  const std::string other = "/etc/systemd/system.control/daemon.service.d/zz-sockopt.conf";
  tree_.write(other, "[Service]\nNice=5\n");
  expect_failure("", tree_.root() + other + " is read instead of " + tree_.root() +
                         ServiceTree::drop_in("daemon.service"));
}

TEST_F(Obstacles, SwitchedOffByAVariable) {
  expect_failure("Environment=SOCKOPT_DISABLE=1\n", "disables the library");
}

TEST_F(Obstacles, NoExecPaths) {
  expect_failure("NoExecPaths=/\nExecPaths=/usr/sbin/daemon /usr/lib /lib\n",
                 "/usr/local/lib/libsockopt.so is outside the unit's ExecPaths=");
  expect_nothing("NoExecPaths=/\nExecPaths=/usr/sbin/daemon /usr\n");
  expect_nothing("NoExecPaths=/\nExecPaths=-/usr/local/lib/libsockopt.so\n");
  expect_failure("NoExecPaths=/ /usr/local\nExecPaths=/usr\n", "NoExecPaths=/usr/local");
  expect_nothing("NoExecPaths=/\nNoExecPaths=\n");
  // Links are followed before paths are compared.
  tree_.link("/usr/libs", "local/lib");
  expect_nothing("NoExecPaths=/\nExecPaths=/usr/libs\n");
}

TEST_F(Obstacles, AnotherRoot) {
  expect_failure("RootImage=/srv/image.raw\n",
                 "its processes see only the files of /srv/image.raw");
  expect_failure("RootDirectory=/srv/jail\n",
                 "/usr/local/lib/libsockopt.so is not in " + tree_.root() + "/srv/jail");
  tree_.write("/srv/jail/usr/local/lib/libsockopt.so", "");
  expect_nothing("RootDirectory=/srv/jail\n");
  expect_nothing("RootDirectory=/srv/other\nBindReadOnlyPaths=/usr/local\n");
}

TEST_F(Obstacles, FilesThatAreHidden) {
  expect_failure("InaccessiblePaths=-/usr/local/lib\n",
                 "InaccessiblePaths=/usr/local/lib hides the library");
  tree_.write("/tmp/x.ini", "[sockopt]\nnodelay = on\n");
  const std::vector<std::string> own = {"-c", "/tmp/x.ini", "daemon"};
  const std::string outside = tree_.root() + "/tmp/x.ini";
  expect_failure("PrivateTmp=yes\n", "PrivateTmp=yes hides the configuration " + outside, own);
  expect_failure("DynamicUser=yes\n", "DynamicUser=yes hides the configuration " + outside, own);
  expect_failure("TemporaryFileSystem=/tmp:ro\n", "TemporaryFileSystem=/tmp hides", own);
  expect_nothing("TemporaryFileSystem=/tmp:ro\nBindReadOnlyPaths=/tmp/x.ini\n", own);
  expect_nothing("PrivateTmp=yes\nBindReadOnlyPaths=-/srv/x.ini:/tmp/x.ini:norbind\n", own);
  expect_failure("PrivateTmp=yes\nBindReadOnlyPaths=/tmp:/srv\n", "PrivateTmp=yes hides", own);
  expect_nothing("PrivateTmp=no\n", own);
  tree_.write("/home/me/x.ini", "[sockopt]\nnodelay = on\n");
  expect_failure("ProtectHome=tmpfs\n", "ProtectHome=tmpfs hides",
                 {"-c", "/home/me/x.ini", "daemon"});
  expect_nothing("ProtectHome=read-only\n", {"-c", "/home/me/x.ini", "daemon"});
}

TEST_F(Obstacles, NoneForWhatRunsOutsideOfTheSandbox) {
  expect_nothing("ExecStart=+/usr/sbin/daemon\nInaccessiblePaths=/usr/local/lib\n");
}

TEST_F(Obstacles, CallsThatAreRefused) {
  expect_failure("SystemCallFilter=~@network-io\nSystemCallErrorNumber=EPERM\n",
                 "SystemCallFilter= refuses setsockopt or getsockopt");
  expect_nothing("SystemCallFilter=@system-service\nSystemCallFilter=~ @privileged @resources\n");
  expect_nothing("SystemCallFilter=~@mount @swap\n");
}

TEST_F(Obstacles, WhereAnOptionWouldEndTheProgramNothingIsWritten) {
  for (const char* lines :
       {"SystemCallFilter=@basic-io @file-system\n", "SystemCallFilter=~setsockopt\n",
        "SystemCallFilter=@system-service\nSystemCallFilter=~@network-io\n"}) {
    tree_.service("daemon.service", lines);
    const Finished finished = tree_.enable({"daemon"});
    EXPECT_TRUE(ends_with_status(finished, 1)) << lines;
    EXPECT_TRUE(contains(finished.error, "would kill the program")) << lines;
    EXPECT_TRUE(contains(finished.error, "nothing was written")) << lines;
    EXPECT_FALSE(tree_.exists(ServiceTree::drop_in("daemon.service"))) << lines;
  }
}

TEST_F(Obstacles, ProgramsThatLoadNoLibrary) {
  install("/usr/sbin/daemon", SOCKOPT_PROGRAM_DIR "/dynamic_program");
  expect_nothing("");
  install("/usr/sbin/daemon", SOCKOPT_PROGRAM_DIR "/static_program");
  expect_failure("", "/usr/sbin/daemon: it is statically linked");
  install("/usr/sbin/daemon", SOCKOPT_PROGRAM_DIR "/go_program");
  expect_failure("", "/usr/sbin/daemon: Go programs make their system calls without libc");
  // Also where it is what a script runs by.
  tree_.write("/usr/sbin/script", "#! /usr/sbin/daemon -x\n");
  expect_failure("ExecStart=/usr/sbin/script\n", "/usr/sbin/daemon: Go programs");
  // Each command counts.
  tree_.write("/usr/sbin/a", "");
  expect_failure("ExecStart=/usr/sbin/a ; /usr/sbin/daemon\n", "/usr/sbin/daemon: Go programs");
}

TEST_F(Obstacles, ProgramsThatGainRights) {
  SOCKOPT_NEEDS_ROOT("to give files away");
  install("/usr/sbin/daemon", SOCKOPT_PROGRAM_DIR "/dynamic_program");
  const std::string file = tree_.root() + "/usr/sbin/daemon";
  tree_.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nweb:x:333:333::/:/bin/sh\n");
  tree_.write("/etc/group", "root:x:0:\nweb:x:333:\n");
  ASSERT_EQ(chmod(file.c_str(), 04755), 0);
  expect_nothing("");
  expect_failure("User=web\n",
                 "/usr/sbin/daemon: it runs with the rights of user root (set-user-ID)");
  expect_nothing("User=web\nNoNewPrivileges=yes\n");
  ASSERT_EQ(chmod(file.c_str(), 0755), 0);
  vfs_cap_data data = {};
  data.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
  data.data[0].permitted = 1U << CAP_NET_BIND_SERVICE;
  if (setxattr(file.c_str(), "security.capability", &data, sizeof data, 0) != 0) {
    GTEST_SKIP() << "file capabilities cannot be set in " << tree_.root();
  }
  expect_nothing("");
  expect_failure("User=web\n", "it has file capabilities");
}

TEST_F(Obstacles, WrappersThatReplaceTheEnvironment) {
  expect_failure("ExecStart=/usr/bin/env -i /usr/sbin/daemon\n", "fresh environment");
  expect_failure("ExecStart=/usr/bin/sudo -u web /usr/sbin/daemon\n", "fresh environment");
  expect_failure("ExecStart=/usr/bin/docker run --rm web\n", "docker starts a container");
  expect_nothing("ExecStart=/usr/bin/env A=1 /usr/sbin/daemon\n");
  tree_.write("/usr/sbin/wrapper", "#!/bin/sh\n# env -i\nexec env -i /usr/sbin/daemon\n");
  expect_warning("ExecStart=/usr/sbin/wrapper\n",
                 "/usr/sbin/wrapper:3 seems to change the environment");
}

TEST_F(Obstacles, StartLinesThatDropOrReplaceLdPreload) {
  expect_warning("ExecStart=/usr/bin/env LD_PRELOAD=/x.so /usr/sbin/daemon -a\n",
                 "env sets LD_PRELOAD to /x.so, without the library; in a drop-in: ExecStart= and "
                 "ExecStart=/usr/bin/env LD_PRELOAD=/usr/local/lib/libsockopt.so:/x.so "
                 "/usr/sbin/daemon -a");
  // What else the unit starts is not lost for it.
  expect_warning(
      "Type=oneshot\nExecStart=/usr/sbin/daemon 'a b' %n\n"
      "ExecStart=/usr/bin/env -u LD_PRELOAD /usr/sbin/daemon\n",
      "in a drop-in: ExecStart= and ExecStart=/usr/sbin/daemon 'a b' %n and "
      "ExecStart=/usr/bin/env -u LD_PRELOAD /usr/bin/env "
      "LD_PRELOAD=/usr/local/lib/libsockopt.so /usr/sbin/daemon");
  expect_warning("ExecStart=/usr/bin/env -u LD_PRELOAD /usr/sbin/daemon\n",
                 "env -u LD_PRELOAD removes LD_PRELOAD");
  expect_warning("ExecStart=/bin/sh -c 'LD_PRELOAD=/x.so exec /usr/sbin/daemon'\n",
                 "sh -c sets LD_PRELOAD to /x.so, without the library; write "
                 "LD_PRELOAD=/usr/local/lib/libsockopt.so:/x.so in its place");
  expect_warning("ExecStart=/bin/sh -c 'unset LD_PRELOAD; exec /usr/sbin/daemon'\n",
                 "sh -c removes LD_PRELOAD");
  tree_.write("/usr/sbin/wrapper", "#!/bin/sh\nexport LD_PRELOAD=/x.so\nexec /usr/sbin/daemon\n");
  expect_warning("ExecStart=/usr/sbin/wrapper\n",
                 "/usr/sbin/wrapper:2 sets LD_PRELOAD to /x.so, without the library");
  // What is advised helps.
  expect_nothing(
      "ExecStart=/usr/bin/env LD_PRELOAD=/usr/local/lib/libsockopt.so:/x.so /usr/sbin/daemon\n");
  expect_nothing("ExecStart=/bin/sh -c 'LD_PRELOAD=/x.so:$$LD_PRELOAD exec /usr/sbin/daemon'\n");
}

TEST_F(Obstacles, StaticProgramsThatOnlyStartTheDaemonAreNone) {
  install("/usr/bin/tini", SOCKOPT_PROGRAM_DIR "/static_program");
  install("/usr/sbin/daemon", SOCKOPT_PROGRAM_DIR "/dynamic_program");
  expect_nothing("ExecStart=/usr/bin/tini -s -- /usr/sbin/daemon\n");
  install("/usr/sbin/daemon", SOCKOPT_PROGRAM_DIR "/static_program");
  expect_failure("ExecStart=/usr/bin/tini -s -- /usr/sbin/daemon\n",
                 "/usr/sbin/daemon: it is statically linked");
}

TEST_F(Obstacles, DaemonsThatHandOnOnlyWhatTheyList) {
  for (const char* name : {"nginx", "cron", "postmulti"}) {
    tree_.write(std::string("/usr/sbin/") + name, "");
  }
  expect_warning("ExecStart=/usr/sbin/nginx\n", "write `env LD_PRELOAD;` at the top of");
  tree_.write("/etc/nginx/nginx.conf", "env LD_PRELOAD;\n");
  expect_nothing("ExecStart=/usr/sbin/nginx\n");
  expect_warning("ExecStart=/usr/sbin/cron -f\n", "at the top of the crontab");
  expect_warning("ExecStart=/usr/sbin/postmulti -i -p start\n",
                 "postconf -c " + tree_.root() + "/etc/postfix -e \"import_environment=");
}

// systemd listens, and starts the service for each connection.
TEST_F(Obstacles, OptionsOfListenersInAServiceThatIsGivenConnections) {
  tree_.write("/usr/lib/systemd/system/daemon.socket", "[Socket]\nListenStream=80\nAccept=yes\n");
  tree_.service("daemon@.service", "StandardInput=socket\n");
  const auto said = [&] { return tree_.enable({"daemon@"}).error; };
  EXPECT_EQ(said(), "");
  tree_.write(kConfiguration, "[sockopt]\nkeepalive = on\nbacklog = 99\n");
  const std::string warning = said();
  EXPECT_TRUE(contains(warning, "backlog of "));
  EXPECT_TRUE(contains(warning,
                       "does nothing here: daemon.socket listens, and hands connections "
                       "over; Backlog= in daemon.socket"));
  EXPECT_FALSE(contains(warning, "keepalive"));
  tree_.write("/usr/lib/systemd/system/daemon.socket", "[Socket]\nListenStream=80\n");
  EXPECT_EQ(said(), "");
}

TEST_F(Obstacles, PostgresqlsWrapper) {
  const std::string lines =
      "ExecStart=-/usr/bin/pg_ctlcluster --skip-systemctl-redirect %i start\n";
  tree_.service("postgresql@.service", lines);
  const std::string environment = "/etc/postgresql/15/main/environment";
  tree_.write(environment, "# nothing yet\n");
  const Finished finished = tree_.enable({"postgresql@15-main"});
  EXPECT_TRUE(ends_with_status(finished, 4));
  EXPECT_TRUE(contains(finished.error, "pg_ctlcluster starts PostgreSQL with the environment of " +
                                           tree_.root() + environment + ", and no other; "));
  // The advice, to the letter.
  const std::size_t advice = finished.error.find("printf ");
  ASSERT_NE(advice, std::string::npos) << finished.error;
  ASSERT_TRUE(run({.argv = {"sh", "-c", finished.error.substr(advice)}}).success());
  EXPECT_TRUE(contains(tree_.read(environment), "LD_PRELOAD = '/usr/local/lib/libsockopt.so'\n"));
  const Finished again = tree_.enable({"postgresql@15-main"});
  EXPECT_TRUE(ends_with_status(again, 0));
  EXPECT_EQ(again.error, "");
}

TEST_F(Obstacles, FilesThatItsUserMayNotRead) {
  tree_.write("/etc/passwd", "web:x:333:333::/:/bin/sh\n");
  tree_.write("/etc/group", "web:x:333:\nconf:x:444:web\n");
  expect_nothing("User=web\n");
  fs::permissions(tree_.root() + kConfiguration, fs::perms::owner_read | fs::perms::group_read);
  expect_nothing("");
  expect_failure("User=web\n", tree_.root() + kConfiguration + " is not accessible to User=web");
  SOCKOPT_NEEDS_ROOT("to give files away");
  ASSERT_EQ(chown((tree_.root() + kConfiguration).c_str(), 0, 444), 0);
  expect_nothing("User=web\n");
}

TEST_F(Obstacles, AConfigurationThatOthersCanWrite) {
  fs::permissions(tree_.root() + kConfiguration, fs::perms::all);
  tree_.service("daemon.service");
  const Finished finished = tree_.enable({"daemon"});
  EXPECT_TRUE(ends_with_status(finished, 1));
  EXPECT_TRUE(contains(finished.error, "it can be written by anyone"));
}

TEST_F(Obstacles, PrivilegesThatTheUnitDoesNotGive) {
  tree_.write("/etc/passwd", "web:x:333:333::/:/bin/sh\n");
  tree_.write(kConfiguration, "[sockopt]\nmark = 1\n");
  expect_nothing("");
  expect_warning("User=web\n", "mark");
  expect_warning("CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n", "needs CAP_NET_ADMIN");
  expect_nothing("CapabilityBoundingSet=~CAP_SYS_PTRACE\n");
  expect_nothing("User=web\nAmbientCapabilities=cap_net_admin\n");
}

TEST_F(Obstacles, AnAppArmorProfileThatKnowsNothingOfIt) {
  tree_.write("/etc/apparmor.d/usr.sbin.daemon", "# a profile\n/usr/sbin/daemon {\n}\n");
  expect_warning(
      "", "the AppArmor profile " + tree_.root() + "/etc/apparmor.d/usr.sbin.daemon does not name");
  tree_.write("/etc/apparmor.d/local/usr.sbin.daemon",
              "/usr/local/lib/libsockopt.so mr, /etc/sockopt.ini r,\n");
  expect_nothing("");
  tree_.write("/usr/sbin/elsewhere", "");
  tree_.write("/etc/apparmor.d/other", "profile other flags=(complain) {\n}\n");
  expect_nothing("ExecStart=/usr/sbin/elsewhere\nAppArmorProfile=-other\n");
  tree_.write("/etc/apparmor.d/other", "profile other {\n}\n");
  expect_warning("ExecStart=/usr/sbin/elsewhere\nAppArmorProfile=-other\n",
                 "/etc/apparmor.d/other");
}

TEST_F(Obstacles, NothingIsAskedFor) {
  fs::remove(tree_.root() + kConfiguration);
  expect_warning("", "no file and no SOCKOPT_ variable sets an option");
  expect_nothing("Environment=SOCKOPT_NODELAY=on\n");
}

}  // namespace
}  // namespace sockopt::test
