// SPDX-License-Identifier: MIT
//
// The verb itself: the host, what it is asked about, its exit status, and its output for programs.
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/doctor/victim.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"

namespace sockopt::test {
namespace {

std::string file_with(const TemporaryDirectory& directory, const std::string& settings) {
  return directory.write("sockopt.ini", "[sockopt]\n" + settings);
}

TEST(HostDoctor, FindsWhatIsThere) {
  const TemporaryDirectory directory;
  const Finished finished = doctor({"-c", file_with(directory, "nodelay = on\n")});
  EXPECT_EQ(status(finished), 0) << finished.output << finished.error;
  EXPECT_TRUE(finished.output.starts_with("host\n"));
  EXPECT_TRUE(contains(finished.output, library()));
  EXPECT_TRUE(contains(said(finished, "OK", "config"), "1 setting from "));
  EXPECT_TRUE(contains(said(finished, "OK", "kernel"), "has all options that are set (1)"));
  EXPECT_EQ(count(finished.output, "somaxconn"), 0) << "nothing sets a backlog";
}

TEST(HostDoctor, FindsWhatBoundsTheConfiguration) {
  const TemporaryDirectory directory;
  const Finished bounded = doctor({"-c", file_with(directory, "backlog = 1000000\n")});
  EXPECT_EQ(status(bounded), 0) << "a warning is no failure";
  EXPECT_TRUE(contains(said(bounded, "WARN", "backlog"), "< backlog 1000000 of "));
  EXPECT_TRUE(contains(bounded.output, "sysctl -w net.core.somaxconn=1000000"));
  const Finished free = doctor({"-c", file_with(directory, "backlog = 1\n")});
  EXPECT_TRUE(contains(said(free, "OK", "backlog"), ">= backlog 1 of "));
}

TEST(HostDoctor, FailsOverWhatCannotWork) {
  const TemporaryDirectory directory;
  const Finished device = doctor({"-c", file_with(directory, "bindtodevice = nosuchdev0\n")});
  EXPECT_EQ(status(device), 1);
  EXPECT_TRUE(contains(said(device, "FAIL", "device"), "`nosuchdev0` of "));
  EXPECT_EQ(status(doctor({"-c", file_with(directory, "bindtodevice = lo\n")})), 0);

  const std::string file = file_with(directory, "keepidel = 3\n");
  const Finished fault = doctor({"-c", file});
  EXPECT_EQ(status(fault), 1);
  EXPECT_TRUE(contains(said(fault, "FAIL", "config"), "did you mean `keepidle`?"));
  EXPECT_TRUE(contains(said(fault, "FAIL", "config"), "fix: sockopt check " + file));
}

TEST(HostDoctor, FindsAFileThatIsNotTrusted) {
  const TemporaryDirectory directory;
  const std::string file = file_with(directory, "nodelay = on\n");
  std::filesystem::permissions(file, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  const Finished finished = doctor({"-c", file});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "config"), "can be written by anyone"));
}

// The command looks for the library beside itself.
TEST(HostDoctor, FindsThatTheLibraryIsMissing) {
  const TemporaryDirectory directory;
  const std::string alone = directory / "sockopt";
  std::filesystem::copy_file(command_path(), alone);
  Command command = test::command({"doctor"});
  command.argv[0] = alone;
  const Finished finished = run(command);
  if (said(finished, "OK", "library") != "") GTEST_SKIP() << "a library is installed here";
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "library"), "libsockopt.so not found; looked for "));
}

TEST(HostDoctor, SaysWhomItMayLookInto) {
  Command command = test::command({"doctor"});
  SOCKOPT_NEEDS_ROOT("to become another user");
  // What `show` says of each process has to agree.
  const Finished shown = sockopt({"show"});
  const bool all = !contains(shown.error, "unreadable: a security module or a sandbox");
  EXPECT_TRUE(contains(said(run(command), all ? "OK" : "NOTE", "sight"), "every process"));
  command.user = "nobody";
  EXPECT_TRUE(contains(said(run(command), "NOTE", "sight"), "fix: sudo sockopt doctor"));
}

TEST(DoctorJson, HasWhatTheTextHas) {
  const TemporaryDirectory directory;
  const Finished finished =
      doctor({"--json", "-c", file_with(directory, "backlog = 1000000\nbindtodevice = no0\n")});
  EXPECT_EQ(status(finished), 1);
  const auto json = nlohmann::json::parse(finished.output);
  EXPECT_EQ(json["schema"], "sockopt.doctor/2");
  EXPECT_TRUE(json["host"].is_string());
  EXPECT_TRUE(json["unreadable"].empty());
  ASSERT_EQ(json["subjects"].size(), 1u);
  EXPECT_EQ(json["subjects"][0]["kind"], "host");
  std::string failed;
  for (const auto& finding : json["subjects"][0]["findings"]) {
    for (const char* key : {"level", "topic", "what", "fix"}) EXPECT_TRUE(finding.contains(key));
    if (finding["level"] == "error") failed += finding["topic"].get<std::string>();
  }
  EXPECT_EQ(failed, "device");
}

TEST(DoctorJson, NamesWhatCouldNotBeSeen) {
  SOCKOPT_NEEDS_ROOT("to become another user");
  Process sleeper({.argv = {"sleep", "600"}});
  Command command = test::command({"doctor", "--json", std::to_string(sleeper.pid())});
  command.user = "nobody";
  const Finished finished = run(command);
  EXPECT_EQ(status(finished), 3);
  const auto json = nlohmann::json::parse(finished.output);
  ASSERT_EQ(json["unreadable"].size(), 1u);
  EXPECT_EQ(json["unreadable"][0]["pid"], sleeper.pid());
  EXPECT_EQ(json["unreadable"][0]["program"], "sleep");
  EXPECT_EQ(json["unreadable"][0]["needs"], "CAP_SYS_PTRACE");
  EXPECT_TRUE(json["subjects"].empty());
}

TEST(DoctorUsage, IsToldWhatToLookAt) {
  EXPECT_EQ(status(doctor({"--"})), 2);
  EXPECT_EQ(status(doctor({"1", "--", "sh"})), 2);
  EXPECT_EQ(status(doctor({"--jsno"})), 2);
  EXPECT_TRUE(contains(doctor({"--jsno"}).error, "did you mean `--json`?"));
  const Finished nobody = doctor({"no such process"});
  EXPECT_EQ(status(nobody), 1);
  EXPECT_EQ(nobody.error, "sockopt: no such process: no such process\n");
  EXPECT_EQ(nobody.output, "");
}

TEST(DoctorUsage, ANameOfAnotherNamespace) {
  SOCKOPT_NEEDS_ROOT("to make a namespace");
  SOCKOPT_NEEDS_NAMESPACES("--net");
  const TemporaryDirectory directory;
  const std::string name = "away" + std::to_string(getpid());
  std::filesystem::copy_file("/usr/bin/sleep", directory / name);
  Process sleeper({.argv = {"unshare", "--net", directory / name, "600"}});
  const std::string hint =
      name + ": runs only in other PID or network namespaces; --all-namespaces includes them\n";
  EXPECT_TRUE(eventually(kPatience, [&] { return doctor({name}).error == "sockopt: " + hint; }));
}

TEST(DoctorUsage, SaysWhatIsWrongInTheFileAndFails) {
  const TemporaryDirectory directory;
  const std::string file = file_with(directory, "keepidel = 3\nnodelay = off\n");
  Process sleeper({.argv = {"sleep", "600"}});
  const Finished finished = doctor({"-c", file, std::to_string(sleeper.pid())});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error, "did you mean `keepidle`?"));
  EXPECT_EQ(status(doctor({"-c", file, "--", "sh"})), 1);
}

TEST(DoctorUsage, GoesOnWithTheOthersWhereOneIsMissing) {
  Process sleeper({.argv = {"sleep", "600"}});
  const Finished finished = doctor({std::to_string(sleeper.pid()), "no such process"});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.output, "process sleep("));
}

// A unit of a Debian package, which does not run here.
TEST(UnitDoctor, LooksAtAUnitThatDoesNotRun) {
  const std::string unit = "/usr/lib/systemd/system/redis-server.service";
  if (!std::filesystem::exists(unit)) GTEST_SKIP() << unit << " is not installed";
  if (std::filesystem::exists("/etc/systemd/system/redis-server.service.d")) {
    GTEST_SKIP() << "somebody has changed the unit here";
  }
  const Finished finished = doctor({"-u", "redis-server"});
  EXPECT_EQ(status(finished), 1);
  EXPECT_EQ(finished.error, "");
  EXPECT_TRUE(finished.output.starts_with("unit redis-server.service\n")) << finished.output;
  EXPECT_TRUE(
      contains(said(finished, "FAIL", "environment"), "fix: sockopt enable redis-server.service"));
  EXPECT_TRUE(contains(said(finished, "OK", "sandbox"), "@system-service"));
}

TEST(UnitDoctor, SaysThatThereIsNone) {
  const Finished finished = doctor({"-u", "nosuchunit"});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.error, "nosuchunit.service: there is no such unit"));
}

// No unit is another thing than one without processes.
TEST(Doctor, SaysThatThereIsNoSuchUnit) {
  for (const char* verb : {"doctor", "show"}) {
    const Finished finished = sockopt({verb, "-u", "no-such-unit-of-a-test"});
    EXPECT_EQ(status(finished), 1) << verb;
    EXPECT_TRUE(
        contains(finished.error, "sockopt: no-such-unit-of-a-test.service: there is no such unit"));
    EXPECT_FALSE(contains(finished.error, "has no running process"));
  }
  EXPECT_TRUE(contains(sockopt({"doctor", "-u", "no-such.slice"}).error,
                       "no-such.slice: this unit has no running process"));
}

}  // namespace
}  // namespace sockopt::test
