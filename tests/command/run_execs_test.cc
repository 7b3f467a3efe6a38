// SPDX-License-Identifier: MIT
//
// `sockopt run` becomes the program: nothing of the command stays behind but the environment.
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/support/paths.h"
#include "tests/support/sockopt_command.h"
#include "tests/support/tcp_client.h"

namespace sockopt::test {
namespace {

using Json = nlohmann::json;

const std::vector<std::string> kRun = {"run", "-o", "nodelay=on"};

std::vector<std::string> under_run(const std::vector<std::string>& words) {
  std::vector<std::string> arguments = kRun;
  arguments.insert(arguments.end(), words.begin(), words.end());
  return arguments;
}

TEST(Start, KeepsTheProcess) {
  Process process(command(under_run({"sh", "-c", "echo $$"})));
  ASSERT_TRUE(process.wait());
  EXPECT_EQ(process.output(), std::to_string(process.pid()) + "\n");
}

TEST(Start, TheExitStatusIsTheProgramsOwn) {
  EXPECT_EQ(status(sockopt(under_run({"sh", "-c", "exit 0"}))), 0);
  EXPECT_EQ(status(sockopt(under_run({"sh", "-c", "exit 77"}))), 77);
  const Finished killed = sockopt(under_run({"sh", "-c", "kill -TERM $$"}));
  ASSERT_TRUE(killed.exit);
  EXPECT_EQ(killed.exit->signal, SIGTERM);
}

TEST(Start, WordsBehindTheProgramAreThePrograms) {
  const std::string expected = "-o\nx\n--help\n--\n\nrun\n[a,b]\n";
  const std::vector<std::string> words = {"printf", "%s\\n", "-o",  "x",    "--help",
                                          "--",     "",      "run", "[a,b]"};
  const Finished plain = sockopt(under_run(words));
  EXPECT_EQ(status(plain), 0);
  EXPECT_EQ(plain.output, expected);
  std::vector<std::string> marked = words;
  marked.insert(marked.begin(), "--");
  EXPECT_EQ(sockopt(under_run(marked)).output, expected);
}

TEST(Start, AProgramNamedAsAVerbIsAProgram) {
  const TemporaryDirectory directory;
  directory.write("check", "#!/bin/sh\necho mine \"$@\"\n", 0755);
  const std::string path = directory.path().string() + ":/usr/bin:/bin";
  const Finished finished = sockopt(under_run({"check", "--help"}), {{"PATH", path}});
  EXPECT_EQ(status(finished), 0);
  EXPECT_EQ(finished.output, "mine --help\n");
}

TEST(Start, OpensNoDescriptorForTheProgram) {
  const std::string list = "ls /proc/self/fd | wc -l";
  Command bare;
  bare.argv = {"sh", "-c", list};
  EXPECT_EQ(sockopt(under_run({"sh", "-c", list})).output, run(bare).output);
}

TEST(Start, LeavesSignalsAsTheyWereEvenAfterAWarning) {
  const std::string show = "grep -E 'Sig(Ign|Blk)' /proc/self/status";
  Command bare;
  bare.argv = {"sh", "-c", show};
  const Finished warned = sockopt({"run", "sh", "-c", show}, {{"SOCKOPT_DISABLE", "1"}});
  EXPECT_TRUE(contains(warned.error, "warning: SOCKOPT_DISABLE"));
  EXPECT_EQ(warned.output, run(bare).output);
}

TEST(Start, AWarningThatNobodyReadsStopsNothing) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  for (const int error : {ends[1], Command::kClosed}) {
    Command started = command(under_run({"sh", "-c", "exit 9"}), {{"SOCKOPT_DISABLE", "1"}});
    started.descriptors[2] = error;
    EXPECT_EQ(status(run(started)), 9);
  }
  close(ends[1]);
}

TEST(Start, GivesTheSocketsTheirOptions) {
  Process server(command({"run", "-o", "keepalive=on", "-o", "keepidle=77s", "-o", "backlog=100",
                          build_directory() / "demo_server"}));
  ASSERT_TRUE(eventually(kPatience, [&] {
    return server.output().find('\n') != std::string::npos;
  })) << server.error();
  const Json ready = Json::parse(server.output());
  const Json& listener = ready.at("listeners").at(0);
  EXPECT_EQ(listener.at("options").at("keepidle"), 77);
  EXPECT_EQ(listener.at("options").at("backlog"), 100);
  TcpClient client("127.0.0.1", listener.at("port").get<std::uint16_t>());
  client.send("options\n");
  const Json accepted = Json::parse(client.receive_until("\n"));
  EXPECT_EQ(accepted.at("keepalive"), 1);
  EXPECT_EQ(accepted.at("keepidle"), 77);
  EXPECT_EQ(server.stop().status, 0);
  EXPECT_EQ(server.error(), "");
}

struct Failure {
  std::string what;
  std::vector<std::string> command;
  int exit_status;
  std::string error;
};

void PrintTo(const Failure& one, std::ostream* out) { *out << one.what; }

class CannotStart : public testing::TestWithParam<Failure> {};

TEST_P(CannotStart, SaysWhy) {
  const TemporaryDirectory directory;
  directory.write("plain", "not a program\n");
  directory.write("orphan", "#!/nonexistent/interpreter -x\n", 0755);
  std::filesystem::create_directory(directory / "folder");
  Command started = command(under_run(GetParam().command),
                            {{"PATH", directory.path().string() + ":/usr/bin:/bin"}});
  started.directory = directory.path();
  const Finished finished = run(started);
  EXPECT_EQ(status(finished), GetParam().exit_status);
  EXPECT_EQ(finished.output, "");
  EXPECT_EQ(finished.error, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, CannotStart,
    testing::Values(
        Failure{
            "NotInPath", {"no-such-program"}, 127, "sockopt: no-such-program: not found in PATH\n"},
        Failure{"NotThere", {"./missing"}, 127, "sockopt: ./missing: not found\n"},
        Failure{"NoInterpreter",
                {"./orphan"},
                127,
                "sockopt: ./orphan: its interpreter /nonexistent/interpreter is not found\n"},
        Failure{"NotExecutable", {"./plain"}, 126, "sockopt: ./plain: Permission denied\n"},
        Failure{"NotExecutableInPath", {"plain"}, 126, "sockopt: plain: Permission denied\n"},
        Failure{"ADirectory", {"./folder"}, 126, "sockopt: ./folder: is a directory\n"},
        Failure{"NoName", {""}, 127, "sockopt: : not found in PATH\n"},
        Failure{"AnOption", {"--", "--version"}, 127, "sockopt: --version: not found in PATH\n"}),
    [](const testing::TestParamInfo<Failure>& one) { return one.param.what; });

}  // namespace
}  // namespace sockopt::test
