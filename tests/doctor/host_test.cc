// SPDX-License-Identifier: MIT
//
// The host: the library and the configuration as they are installed, and how far one may look.
#include "tools/sockopt/diagnosis/host.h"

#include <cerrno>

#include "tests/doctor/findings.h"
#include "tests/support/configuration.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"
#include "tools/sockopt/diagnosis/program.h"
#include "tools/sockopt/diagnosis/start_findings.h"
#include "tools/sockopt/launch/library.h"

namespace sockopt::test {
namespace {

LibraryFile installed() {
  return {.path = "/usr/lib/libsockopt.so", .machine = installed_machine()};
}

TEST(InstalledLibrary, IsAllRight) {
  EXPECT_EQ(lines(examine_library(installed(), "")), "ok library: /usr/lib/libsockopt.so\n");
}

TEST(InstalledLibrary, IsMissing) {
  EXPECT_EQ(lines(examine_library(std::nullopt, "libsockopt.so not found")),
            "error library: libsockopt.so not found => install it, and then run ldconfig\n");
}

TEST(InstalledLibrary, IsOutOfReachForDaemons) {
  LibraryFile file = installed();
  file.closed_at = "/root";
  EXPECT_EQ(lines(examine_library(file, "")),
            "warning library: /usr/lib/libsockopt.so is not accessible to daemons that do not "
            "start as root: they may not enter /root => install it into /usr/lib\n");
  file.closed_at = file.path;
  EXPECT_NE(lines(examine_library(file, "")).find("=> chmod a+r /usr/lib/libsockopt.so"),
            std::string::npos);
}

TEST(InstalledLibrary, CanBeChangedByOthers) {
  LibraryFile file = installed();
  file.open_at = "/opt can be written by anyone (chmod go-w)";
  EXPECT_NE(
      lines(examine_library(file, ""))
          .find("warning library: whoever can change it runs code in every program that loads "
                "it: /opt can be written by anyone"),
      std::string::npos);
}

TEST(InstalledLibrary, IsNone) {
  LibraryFile file = installed();
  file.machine.reset();
  EXPECT_NE(lines(examine_library(file, ""))
                .find("error library: /usr/lib/libsockopt.so is not a library"),
            std::string::npos);
}

TEST(ConfigurationInForce, IsCounted) {
  EXPECT_EQ(lines(examine_configuration(Configuration("[sockopt]\nnodelay = on\n").policy(), {})),
            "ok config: 1 setting from sockopt.ini\n");
  EXPECT_EQ(lines(examine_configuration(Configuration("").policy(), {})),
            "note config: no option is configured, so none is set => add settings "
            "to " SOCKOPT_DEFAULT_CONFIG "\n");
  EXPECT_EQ(lines(examine_configuration(Configuration("").policy(),
                                        {Finding::error("config", "a.ini:3: wrong")})),
            "error config: a.ini:3: wrong => sockopt check\n");
}

// What is not in force: the rule matches nothing, and the preset's keepidle is not that of its
// section.
TEST(ConfigurationInForce, CountsWhatIs) {
  const Configuration faulty(
      "[sockopt]\nnodelay = on\n"
      "[rule a]\nlisten = x\npreset = balanced\n"
      "[rule b]\nprogram = b\npreset = dead-peer\nkeepidle = 9s\n");
  const Configuration sound("[sockopt]\nnodelay = on\n[rule b]\nprogram = b\npreset = dead-peer\n");
  const auto count = [](const Configuration& one) {
    return lines(examine_configuration(one.policy(), {}));
  };
  EXPECT_EQ(count(faulty), count(sound));
  const Configuration none("[rule a]\nlisten = x\nnodelay = on\n");
  EXPECT_EQ(
      lines(examine_configuration(none.policy(), {Finding::error("config", "a.ini:2: wrong")})),
      "error config: a.ini:2: wrong => sockopt check\n");
}

// No OK of a file beside what is wrong with it.
TEST(ConfigurationInForce, IsNoGoodStateBesideAFault) {
  const Configuration faulty("[sockopt]\nnodelay = on\nkeepcnt = x\n");
  EXPECT_EQ(lines(examine_configuration(faulty.policy(), {Finding::error("config", "wrong")})),
            "error config: wrong => sockopt check\n"
            "note config: in force all the same: 1 setting from sockopt.ini\n");
}

TEST(ConfigurationInForce, IsCheckedInTheFileThatWasNamed) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a b.ini", "");
  const auto found = [](const std::string& named) {
    return lines(examine_configuration(Configuration("").policy(),
                                       {Finding::error("config", "wrong")}, named));
  };
  EXPECT_EQ(found(file), "error config: wrong => sockopt check '" + file + "'\n");
  EXPECT_EQ(found(file + "x"),
            "error config: wrong => write " + file + "x, or correct SOCKOPT_CONFIG\n");
}

TEST(PreloadFile, IsMentionedWhereItNamesTheLibrary) {
  EXPECT_EQ(lines(examine_preload_file("")), "");
  EXPECT_EQ(lines(examine_preload_file("/lib/libother.so\n# /x/libsockopt.so\n")), "");
  EXPECT_NE(lines(examine_preload_file("libother.so:" + library().native() + "\n"))
                .find("note preload: /etc/ld.so.preload names "),
            std::string::npos);
  EXPECT_EQ(
      lines(examine_preload_file("/nowhere/libsockopt.so")),
      "warning preload: /etc/ld.so.preload names /nowhere/libsockopt.so, which is not there => "
      "correct the path there, or remove it\n");
}

TEST(Sight, DependsOnRightsAndOnYama) {
  EXPECT_EQ(lines(examine_sight(std::nullopt, true, {})),
            "ok sight: this command may inspect every process\n");
  EXPECT_EQ(lines(examine_sight(1, true, {})),
            "ok sight: this command may inspect every process\n");
  EXPECT_NE(lines(examine_sight(std::nullopt, false, {})).find("processes of its own user => sudo"),
            std::string::npos);
  EXPECT_NE(lines(examine_sight(0, false, {})).find("processes of its own user"),
            std::string::npos);
  EXPECT_NE(lines(examine_sight(1, false, {})).find("only its own descendants"), std::string::npos);
  EXPECT_NE(lines(examine_sight(2, false, {})).find("no other process"), std::string::npos);
  EXPECT_NE(lines(examine_sight(3, true, {})).find("warning sight: kernel.yama.ptrace_scope 3"),
            std::string::npos);
}

TEST(Sight, IsBoundedByMoreThanRights) {
  EXPECT_EQ(
      lines(examine_sight(1, true, {"init(1)"})),
      "note sight: this command may inspect every process except init(1): a security module or a "
      "sandbox forbids it\n");
  EXPECT_NE(lines(examine_sight(1, true, {"init(1)", "a(2)", "b(3)"})).find("init(1) and 2 more:"),
            std::string::npos);
}

TEST(SettingsForAProgram, AreCounted) {
  Program program;
  program.set("/usr/sbin/nginx", "/usr/sbin/nginx", std::string("nginx\0", 6));
  const auto found = [&](const std::string& text) {
    return lines(examine_settings_for(Configuration(text).policy(), program));
  };
  EXPECT_EQ(found(""), "");
  EXPECT_EQ(found("[sockopt]\nnodelay = on\n[rule a]\nlisten = 80\nttl = 3\n"),
            "ok settings: nginx: 1 option on each of its sockets, 1 by address\n");
  EXPECT_EQ(found("[rule a]\nprogram = redis\nttl = 3\n"), "");
}

TEST(RulesForAProgram, AreToldWhereNoneIsForIt) {
  Program program;
  program.set("/usr/bin/python3.11", "/usr/bin/python3", std::string("python3\0/srv/app.py\0", 20));
  Program script;
  script.set("/srv/start.sh", "/srv/start.sh", {});
  const auto found = [&](const std::string& text, const Program* by = nullptr) {
    return lines(examine_rules_for(Configuration(text).policy(), program, by));
  };
  EXPECT_EQ(known_as(program), "python3.11, python3, app.py");
  EXPECT_EQ(found(""), "");
  EXPECT_EQ(found("[sockopt]\nttl = 3\n[rule a]\nprogram = app.py\nttl = 4\n"), "");
  EXPECT_EQ(found("[rule a]\nprogram = redis, !x\nttl = 3\n"),
            "warning settings: no setting applies to it; rules know it as python3.11, python3, "
            "app.py, and are for others: [rule a] (program = redis, !x) => program = app.py\n");
  EXPECT_EQ(found("[sockopt]\nttl = 3\n[rule a]\nprogram = redis\nttl = 4\n"),
            "note settings: rules know it as python3.11, python3, app.py, and are for others: "
            "[rule a] (program = redis)\n");
  EXPECT_EQ(found("[sockopt]\nttl = 3\n[rule a]\nprogram = start.sh\nttl = 4\n", &script),
            "warning settings: [rule a] (program = start.sh) is for the script, which becomes "
            "another program, known as python3.11, python3, app.py => program = app.py\n");
}

}  // namespace
}  // namespace sockopt::test
