// SPDX-License-Identifier: MIT
//
// Whether the library is in a process, and the first reason why it is not.
#include "tools/sockopt/diagnosis/reach.h"

#include <elf.h>

#include <algorithm>
#include <cerrno>

#include "tests/doctor/findings.h"
#include "tools/sockopt/diagnosis/reach_facts.h"
#include "tools/sockopt/launch/preload_list.h"

namespace sockopt::test {
namespace {

constexpr ElfMachine kMachine = {ELFCLASS64, ELFDATA2LSB, EM_X86_64};

// A process that was started without a thought of the library.
ReachFacts plain() {
  ReachFacts facts;
  facts.pid = 812;
  facts.apply = "sockopt apply 812";
  facts.process.executable = "/usr/sbin/nginx";
  facts.process.environment.entries = {"PATH=/bin"};
  facts.executable = ElfFile{kMachine, "/lib64/ld-linux-x86-64.so.2", {}, false, false};
  facts.library_machines = {kMachine};
  facts.started = 1000;
  return facts;
}

ReachFacts naming(const std::string& preload) {
  ReachFacts facts = plain();
  facts.process.environment.entries.push_back("LD_PRELOAD=" + preload);
  facts.named = words_for_library(preload);
  return facts;
}

LibraryFile good_file() {
  return {.path = "/usr/lib/libsockopt.so", .machine = kMachine, .changed = 500};
}

std::string reach(const ReachFacts& facts) { return lines(examine_reach(facts)); }

TEST(Reach, IsThereWhereTheLibraryIsMapped) {
  ReachFacts facts = naming("libsockopt.so");
  facts.loaded = LoadedLibrary{"/usr/lib/libsockopt.so", false};
  EXPECT_EQ(reach(facts), "ok reach: /usr/lib/libsockopt.so is loaded\n");
}

TEST(Reach, IsStaleWhereTheFileWasReplaced) {
  ReachFacts facts = naming("libsockopt.so");
  facts.unit = "nginx.service";
  facts.loaded = LoadedLibrary{"/usr/lib/libsockopt.so", true};
  EXPECT_EQ(reach(facts),
            "warning reach: it runs with a /usr/lib/libsockopt.so that was replaced since "
            "=> systemctl restart nginx.service\n");
}

// A scope is what somebody started, a session among them; systemctl cannot start it again.
TEST(Reach, IsMendedByRestartingServicesOnly) {
  ReachFacts facts = naming("libsockopt.so");
  facts.loaded = LoadedLibrary{"/usr/lib/libsockopt.so", true};
  facts.unit = "session-3.scope";
  EXPECT_TRUE(reach(facts).ends_with(" => restart it\n")) << reach(facts);
}

TEST(Reach, IsMendedByWhoeverMadeTheContainer) {
  const auto fix = [](Container container) {
    ReachFacts facts = plain();
    facts.container = container;
    facts.unit = container == Container::kLxc ? "nginx.service" : "cri-containerd-3f2a.scope";
    const std::string text = reach(facts);
    return text.substr(std::min(text.find(" => ") + 4, text.size()));
  };
  const std::string library = SOCKOPT_FULL_LIBDIR "/libsockopt.so";
  EXPECT_EQ(fix(Container::kPod), "in the pod's spec, a volume that has " + library +
                                      ", and for the container env: [{name: LD_PRELOAD, value: " +
                                      library + "}]; until then: sockopt apply 812\n");
  EXPECT_EQ(fix(Container::kPodman), "add `-v " + library + ":" + library +
                                         ":ro -e LD_PRELOAD=" + library +
                                         "` to its `podman run`; until then: sockopt apply 812\n");
  EXPECT_EQ(
      fix(Container::kLxc),
      "in its container: sockopt enable nginx.service && systemctl daemon-reload && systemctl "
      "restart nginx.service; until then: sockopt apply 812\n");
  ReachFacts loaded = naming("libsockopt.so");
  loaded.container = Container::kPod;
  loaded.unit = "cri-containerd-3f2a.scope";
  loaded.loaded = LoadedLibrary{"/usr/lib/libsockopt.so", true};
  EXPECT_TRUE(reach(loaded).ends_with(" => restart its container\n")) << reach(loaded);
}

TEST(Reach, IsMissingWithoutTheVariable) {
  EXPECT_EQ(reach(plain()),
            "error reach: the library is not loaded: LD_PRELOAD was not set when it started => "
            "start it with `sockopt run`; until then: sockopt apply 812\n");
  ReachFacts unit = plain();
  unit.unit = "nginx.service";
  EXPECT_EQ(
      reach(unit),
      "error reach: the library is not loaded: LD_PRELOAD was not set when it started => "
      "sockopt enable nginx.service && systemctl daemon-reload && systemctl restart nginx.service  "
      "# until then: sockopt apply 812\n");
  unit.apply.clear();
  EXPECT_TRUE(reach(unit).ends_with(
      " => sockopt enable nginx.service && systemctl daemon-reload && systemctl restart "
      "nginx.service\n"));
  unit.check = "sockopt check /etc/a.ini";
  EXPECT_TRUE(
      reach(unit).ends_with(" => correct what `sockopt check /etc/a.ini` shows; then: sockopt "
                            "enable nginx.service && systemctl daemon-reload && systemctl restart "
                            "nginx.service\n"));
  unit.check.clear();
  unit.unit = "session-3.scope";
  EXPECT_NE(reach(unit).find("=> start it with `sockopt run`"), std::string::npos);
}

TEST(Reach, IsMissingWhereAnotherLibraryIsPreloaded) {
  EXPECT_NE(reach(naming("/x/libeatmydata.so")).find("LD_PRELOAD was `/x/libeatmydata.so`"),
            std::string::npos);
}

TEST(Reach, IsNotToldFromAnEnvironmentThatWasWrittenOver) {
  ReachFacts facts = plain();
  facts.process.environment = {{}, false};
  EXPECT_NE(reach(facts).find("whether LD_PRELOAD was set is unknown"), std::string::npos);
}

TEST(Reach, IsStaleWhereTheFileIsGone) {
  ReachFacts facts = naming("libsockopt.so");
  facts.loaded = LoadedLibrary{"/usr/lib/libsockopt.so", true, true};
  EXPECT_EQ(reach(facts),
            "warning reach: it runs with /usr/lib/libsockopt.so, which was removed since; once it "
            "restarts, it has none => install it there again; then: restart it\n");
}

// The loader takes it, and the language's runtime makes the calls.
TEST(Reach, IsOfNoUseToGo) {
  ReachFacts facts = naming("libsockopt.so");
  facts.loaded = LoadedLibrary{"/usr/lib/libsockopt.so", false};
  facts.executable->is_go = true;
  EXPECT_TRUE(reach(facts).starts_with(
      "error reach: /usr/lib/libsockopt.so is loaded, but this is a Go program (with cgo)"))
      << reach(facts);
}

TEST(Reach, IsLostWhereLdPreloadIsReplacedOnTheWay) {
  ReachFacts facts = naming("/x/libother.so");
  facts.library = "/usr/lib/libsockopt.so";
  facts.ancestor = NamingAncestor{700, "start.sh"};
  EXPECT_EQ(reach(facts),
            "error reach: the library is not loaded: LD_PRELOAD was `/x/libother.so`; its ancestor "
            "start.sh(700) has the library in it, so it was replaced on the way => where that is "
            "set, write LD_PRELOAD=/usr/lib/libsockopt.so:/x/libother.so; until then: sockopt "
            "apply 812\n");
  facts.ancestor.reset();
  facts.process.environment.entries.push_back("SOCKOPT_CONFIG=/a.ini");
  EXPECT_NE(reach(facts).find("SOCKOPT_CONFIG is there, so the library in it was replaced"),
            std::string::npos);
}

TEST(Reach, IsLostWhereOnlyTheVariablesArrive) {
  ReachFacts facts = plain();
  facts.process.environment.entries.push_back("SOCKOPT_CONFIG=/a.ini");
  EXPECT_NE(reach(facts).find("SOCKOPT_CONFIG is there without it, and something on the way "
                              "removed LD_PRELOAD"),
            std::string::npos)
      << reach(facts);
}

TEST(Reach, IsLostAtADaemonThatHandsOnWhatItLists) {
  ReachFacts facts = plain();
  facts.unit = "cron.service";
  facts.ancestor = NamingAncestor{600, "cron"};
  facts.cleaner = find_cleaning_daemon("/usr/sbin/cron", "/usr/lib/libsockopt.so", "");
  EXPECT_EQ(reach(facts),
            "error reach: the library is not loaded: cron starts its jobs with the variables of "
            "their crontab, and no others => write `LD_PRELOAD=/usr/lib/libsockopt.so` at the top "
            "of the crontab; until then: sockopt apply 812\n");
}

// A shell of a session has no library because nobody gave it one.
TEST(Reach, IsNotLostWhereNobodyHadIt) {
  ReachFacts facts = plain();
  for (const char* path : {"/usr/sbin/sshd", "/usr/sbin/nginx", "/usr/bin/sudo"}) {
    facts.cleaner = find_cleaning_daemon(path, "/usr/lib/libsockopt.so", "");
    EXPECT_NE(reach(facts).find("LD_PRELOAD was not set when it started"), std::string::npos);
  }
  facts.ancestor = NamingAncestor{600, "start.sh"};
  EXPECT_NE(reach(facts).find("sudo starts its program with a fresh environment"),
            std::string::npos);
}

TEST(Reach, IsLostOnTheWayFromItsUnit) {
  ReachFacts facts = plain();
  facts.unit = "agent.service";
  facts.unit_preload = UnitPreload{.changed = 2000};
  EXPECT_EQ(reach(facts),
            "error reach: the library is not loaded: it started before agent.service was enabled "
            "=> systemctl daemon-reload && systemctl restart agent.service  # until then: sockopt "
            "apply 812\n");
  facts.per_connection = true;
  EXPECT_NE(reach(facts).find(" => systemctl daemon-reload  # new connections have it"),
            std::string::npos)
      << reach(facts);
  facts.per_connection = false;
  facts.unit_preload = UnitPreload{500, "env -u LD_PRELOAD removes LD_PRELOAD", "env /opt/agent"};
  EXPECT_EQ(reach(facts),
            "error reach: the library is not loaded: env -u LD_PRELOAD removes LD_PRELOAD => env "
            "/opt/agent; until then: sockopt apply 812\n");
  facts.unit_preload = UnitPreload{.changed = 500};
  EXPECT_NE(reach(facts).find("agent.service has it; either systemd had not read that when the "
                              "process started, or something on the way removed LD_PRELOAD (`env "
                              "-u`, `unset`) => systemctl daemon-reload && systemctl restart "
                              "agent.service"),
            std::string::npos)
      << reach(facts);
  // What was done already is not asked for again.
  facts.process.environment = {{}, false};
  EXPECT_EQ(reach(facts).find("sockopt enable"), std::string::npos) << reach(facts);
}

// It may have been the library under another name.
TEST(Reach, IsLostWithItsFile) {
  ReachFacts facts = naming("/opt/tuned.so");
  facts.named.clear();
  facts.process.environment.entries.emplace_back("SOCKOPT_KEEPALIVE=on");
  facts.missing = "/opt/tuned.so";
  const std::string text = reach(facts);
  EXPECT_NE(text.find("LD_PRELOAD names /opt/tuned.so, which is not there => where that is set, "
                      "write "),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("replaced on the way"), std::string::npos) << text;
}

TEST(Reach, NamesTheRootThatItsFilesAreIn) {
  ReachFacts facts = naming("/opt/libsockopt.so");
  facts.root = "in its root /srv/jail";
  facts.named_file = LibraryFile{.path = "/opt/libsockopt.so", .error = ENOENT};
  EXPECT_NE(reach(facts).find("LD_PRELOAD names /opt/libsockopt.so, which is not there in its "
                              "root /srv/jail => install it into /usr/lib in its root /srv/jail"),
            std::string::npos)
      << reach(facts);
}

TEST(Reach, EndsAtAWrapper) {
  ReachFacts facts = plain();
  facts.ancestor = NamingAncestor{700, "pg_ctlcluster"};
  EXPECT_NE(
      reach(facts).find("its ancestor pg_ctlcluster(700) has LD_PRELOAD and did not pass it on"),
      std::string::npos);
}

TEST(Reach, EndsAtTheExecutable) {
  ReachFacts facts = naming("libsockopt.so");
  facts.executable->is_static = true;
  EXPECT_NE(reach(facts).find("error reach: the library is not loaded: it is statically linked"),
            std::string::npos);
  facts.executable = ElfFile{kMachine, "", {}, true, true};
  EXPECT_NE(reach(facts).find("the library is not loaded: Go programs"), std::string::npos);
  facts.executable = ElfFile{{ELFCLASS32, ELFDATA2LSB, EM_386}, "", {}, false, false};
  EXPECT_NE(reach(facts).find("it is a 32-bit x86 program"), std::string::npos);
}

TEST(Reach, EndsAtPrivilegesThatWereGained) {
  ReachFacts facts = plain();
  facts.process.secure = true;
  EXPECT_NE(reach(facts).find("it gained privileges at exec (set-user-ID, file capabilities)"),
            std::string::npos);
  facts.process.confinement = "usr.sbin.named (enforce)";
  EXPECT_NE(reach(facts).find("or a change to the profile usr.sbin.named (enforce))"),
            std::string::npos);
}

// A change of domain makes AT_SECURE, whatever the program's file says.
TEST(Reach, EndsAtATransitionOfSelinux) {
  ReachFacts facts = plain();
  facts.process.secure = true;
  facts.unit = "httpd.service";
  facts.process.confinement = "system_u:system_r:httpd_t:s0";
  EXPECT_EQ(reach(facts),
            "error reach: the library is not loaded: SELinux changed its domain to httpd_t at exec "
            "(or it is set-user-ID, or has file capabilities), so the loader ignores LD_PRELOAD => "
            "echo '(allow init_t httpd_t (process (noatsecure)))' >sockopt_httpd_t.cil && semodule "
            "-i sockopt_httpd_t.cil  # then: systemctl restart httpd.service; until then: sockopt "
            "apply 812\n");
  facts.process.confinement = "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023";
  EXPECT_NE(reach(facts).find("it gained privileges at exec (set-user-ID, file capabilities"),
            std::string::npos);
}

TEST(Reach, EndsAtTheLoader) {
  ReachFacts facts = naming("libsockopt.so");
  EXPECT_NE(reach(facts).find("LD_PRELOAD names libsockopt.so, which the loader does not find => "
                              "ldconfig"),
            std::string::npos);
  facts = naming("/opt/libsockopt.so");
  const auto why = [&](const LibraryFile& file) {
    facts.named_file = file;
    return reach(facts);
  };
  LibraryFile file = good_file();
  file.error = ENOENT;
  EXPECT_NE(why(file).find("LD_PRELOAD names /opt/libsockopt.so, which is not there"),
            std::string::npos);
  file = good_file();
  file.machine = ElfMachine{ELFCLASS32, ELFDATA2LSB, EM_386};
  EXPECT_NE(why(file).find("which is built for 32-bit x86, the program for 64-bit x86-64"),
            std::string::npos);
  file.machine.reset();
  EXPECT_NE(why(file).find("which is not a library"), std::string::npos);
  file = good_file();
  file.on_noexec = true;
  EXPECT_NE(why(file).find("mounted noexec"), std::string::npos);
  file = good_file();
  file.closed_at = "/root";
  EXPECT_NE(why(file).find("is not accessible to the program's user, who may not enter /root"),
            std::string::npos);
  file = good_file();
  file.changed = 1000;
  EXPECT_NE(why(file).find("which was installed after it started"), std::string::npos);
  EXPECT_NE(why(good_file()).find("but the loader did not load it"), std::string::npos);
}

TEST(Reach, IsNoQuestionForThreadsOfTheKernel) {
  ReachFacts facts = plain();
  facts.process.executable.clear();
  EXPECT_EQ(reach(facts), "note reach: it is a kernel thread\n");
}

TEST(Reach, VariablesCountOnlyBesideTheNameOfTheLibrary) {
  ReachFacts facts = plain();
  facts.loaded = LoadedLibrary{"/usr/lib/libsockopt.so", false};
  EXPECT_EQ(lines_about(examine_reach(facts), "variables"), "") << "there are none";
  facts.process.environment.entries.push_back("SOCKOPT_NODELAY=on");
  EXPECT_NE(lines_about(examine_reach(facts), "variables")
                .find("the library comes from /etc/ld.so.preload"),
            std::string::npos);
  facts.named = {"libsockopt.so"};
  EXPECT_EQ(lines_about(examine_reach(facts), "variables"), "");
  facts.process.secure = true;
  EXPECT_NE(lines_about(examine_reach(facts), "variables").find("it gained privileges"),
            std::string::npos);
}

TEST(WordsForLibrary, AreThoseThatNameIt) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(words_for_library("a.so:/x/libsockopt.so b.so"), Words{"/x/libsockopt.so"});
  EXPECT_EQ(words_for_library("libsockopt.so::"), Words{"libsockopt.so"});
  EXPECT_EQ(words_for_library("/libsockopt.so/x:libsockopt.so.1:"), Words{});
  EXPECT_EQ(words_for_library(""), Words{});
}

}  // namespace
}  // namespace sockopt::test
