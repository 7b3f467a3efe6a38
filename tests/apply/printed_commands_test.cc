// SPDX-License-Identifier: MIT
//
// What `show`, `doctor` and `apply` print as the fix is run as it was printed, wherever the policy
// of the process came from: it does what it was printed for.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

// Where a process has its policy from.
struct Origin {
  std::string name;
  std::vector<std::string> run{};  // options of `sockopt run`; none: the library is preloaded
  Environment variables{};         // of the program
  std::string file{};              // its path below a directory of the test's
  Environment of_the_shell{};      // where the commands are run
};

class PrintedCommands : public testing::TestWithParam<Origin> {
 protected:
  static constexpr char kText[] = "[sockopt]\nkeepalive = on\nkeepidle = 60s\n";

  // `@` is the file.
  std::string named(std::string text) const {
    const std::size_t at = text.find('@');
    return at == std::string::npos ? text : text.replace(at, 1, file_);
  }

  void SetUp() override {
    const Origin& origin = GetParam();
    if (!origin.file.empty()) file_ = directory_.write(origin.file, kText);
    Environment variables;
    for (const auto& [name, value] : origin.variables) variables[name] = named(value);
    for (const auto& [name, value] : origin.of_the_shell) shell_[name] = named(value);
    Command started;
    if (!shell_.empty()) {
      started.environment = plain_environment();
    } else if (origin.run.empty()) {
      started.environment = shim_environment(variables);
    } else {
      started = command({"run"}, variables);
      for (const std::string& word : origin.run) started.argv.push_back(named(word));
      started.argv.emplace_back("--");
    }
    started.argv.push_back(build_directory() / "demo_server");
    server_.emplace(std::move(started));
    ASSERT_TRUE(eventually(kPatience, [&] { return contains(server_->output(), "}\n"); }));
    word_ = std::to_string(server_->pid());
    ASSERT_EQ(keepidle(), shell_.empty() ? "60s" : "7200s");
    // Somebody changes it behind the library's back.
    apply({"--no-file", "-o", "keepidle=300s", word_});
    ASSERT_EQ(keepidle(), "300s");
  }

  std::string keepidle() const {
    for (const SocketSnapshot& socket : list_sockets(server_->pid()).sockets) {
      if (socket.facts.listening) return socket.text("keepidle");
    }
    return "no listener";
  }

  TemporaryDirectory directory_;
  std::string file_;
  std::string word_;
  Environment shell_;
  std::optional<Process> server_;
};

TEST_P(PrintedCommands, OfShow) {
  const Finished shown = sockopt({"show", word_}, shell_);
  const std::string look = printed_command(shown.output, "Look first: ");
  ASSERT_TRUE(contains(look, "sockopt apply --dry-run ")) << shown.output;
  const Finished tried = run_printed(look, shell_);
  EXPECT_TRUE(tried.success()) << look << '\n' << tried.output << tried.error;
  EXPECT_TRUE(contains(tried.output, "keepidle 300s -> 60s"));
  EXPECT_EQ(keepidle(), "300s");
  const std::string fix = printed_command(shown.output, "Fix: ");
  const Finished fixed = run_printed(fix, shell_);
  EXPECT_TRUE(fixed.success()) << fix << '\n' << fixed.output << fixed.error;
  EXPECT_EQ(keepidle(), "60s");
  EXPECT_TRUE(contains(sockopt({"show", word_}, shell_).output, "none differs"));
}

TEST_P(PrintedCommands, OfDoctor) {
  const Finished examined = sockopt({"doctor", word_}, shell_);
  const std::string fix = printed_command(examined.output, "fix: sockopt apply");
  ASSERT_FALSE(fix.empty()) << examined.output;
  const Finished fixed = run_printed(fix, shell_);
  EXPECT_TRUE(fixed.success()) << fix << '\n' << fixed.output << fixed.error;
  EXPECT_EQ(keepidle(), "60s");
  EXPECT_FALSE(contains(sockopt({"doctor", word_}, shell_).output, "FAIL sockets"));
  // And what that printed.
  const std::string undone = undo(fixed.output);
  EXPECT_EQ(keepidle(), "300s");
  undo(undone);
  EXPECT_EQ(keepidle(), "60s");
}

INSTANTIATE_TEST_SUITE_P(
    Of, PrintedCommands,
    testing::Values(Origin{"Options", {"-o", "keepalive=on", "-o", "keepidle=60s"}},
                    Origin{"APreset", {"-o", "preset=dead-peer", "-o", "keepidle=60s"}},
                    Origin{"Variables", {}, {{"SOCKOPT_KEEPIDLE", "60s"}}},
                    Origin{"AFile", {"-c", "@"}, {}, "a.ini"},
                    Origin{"AFileWithASpace", {"-c", "@"}, {}, "my file's.ini"},
                    Origin{"AFileThatIsNamedByAVariable", {}, {{"SOCKOPT_CONFIG", "@"}}, "a.ini"},
                    Origin{"AFileAndAVariable",
                           {},
                           {{"SOCKOPT_CONFIG", "@"}, {"SOCKOPT_KEEPCNT", "4"}},
                           "a.ini"},
                    Origin{"TheShell", {}, {}, {}, {{"SOCKOPT_KEEPIDLE", "60s"}}},
                    Origin{"AFileOfTheShell", {}, {}, "a.ini", {{"SOCKOPT_CONFIG", "@"}}}),
    [](const auto& origin) { return origin.param.name; });

// A file that has changed since counts as it is now: that is what it was changed for.
TEST(PolicyOfAProcess, IsWhatItsFileSaysNow) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.ini", "[sockopt]\nkeepidle = 60s\n");
  const DemoServer server({}, {}, shim_environment({{"SOCKOPT_CONFIG", path}}));
  directory.write("a.ini", "[sockopt]\nkeepidle = 61s\n");
  const Finished applied = apply({server.word()});
  EXPECT_EQ(server.listener().text("keepidle"), "61s");
  EXPECT_TRUE(contains(applied.error, "its configuration was changed since it started"));
  directory.write("a.ini", "[sockopt]\nkeepidel = 62s\n");
  const Finished faulty = apply({server.word()}, 1);
  EXPECT_TRUE(contains(faulty.error, "a.ini:2:1: unknown option `keepidel`"));
  EXPECT_EQ(server.listener().text("keepidle"), "61s");
}

TEST(PolicyOfAProcess, ThatHasNoneIsTheOneInForce) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.ini", "[sockopt]\nkeepidle = 60s\n");
  const std::string other = directory.write("b.ini", "[sockopt]\nkeepidle = 50s\n");
  const DemoServer without;
  const DemoServer with({}, {}, shim_environment({{"SOCKOPT_CONFIG", path}}));
  const Finished both =
      sockopt({"apply", without.word(), with.word()}, {{"SOCKOPT_CONFIG", other}});
  EXPECT_TRUE(both.success()) << both.error;
  EXPECT_EQ(without.listener().text("keepidle"), "50s");
  EXPECT_EQ(with.listener().text("keepidle"), "60s");
  // What is named on the command line is for all of them.
  EXPECT_TRUE(sockopt({"apply", "-c", other, without.word(), with.word()}).success());
  EXPECT_EQ(with.listener().text("keepidle"), "50s");
}

TEST(PolicyOfAProcess, ThatHasNoneWhereNoneIsInForceIsSaid) {
  const TemporaryDirectory directory;
  const std::string nothing = directory.write("none.ini", "");
  const DemoServer without;
  const Environment ours = {{"SOCKOPT_CONFIG", nothing}};
  const Finished alone = sockopt({"apply", without.word()}, ours);
  EXPECT_EQ(status(alone), 2);
  EXPECT_TRUE(contains(alone.error, "no settings for "));
  const DemoServer with({}, {}, shim_environment({{"SOCKOPT_KEEPIDLE", "60s"}}));
  const Finished both = sockopt({"apply", without.word(), with.word()}, ours);
  EXPECT_TRUE(both.success()) << both.error;
  EXPECT_TRUE(contains(both.error, "left alone: it holds no policy, and none is configured"));
}

// The same words as on the command line that printed it, with and without a name of it.
TEST(PrintedCommandsOfTheCommandLine, NameThePolicyThatWasAskedFor) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("my file.ini", "[sockopt]\nkeepcnt = 3\n");
  const DemoServer server;
  for (const std::vector<std::string>& given :
       std::vector<std::vector<std::string>>{{"-c", path},
                                             {"-o", "keepcnt=4"},
                                             {"-o", "backlog=1000000"},
                                             {"-c", path, "-o", "keepidle=61s"},
                                             {"-o", "bindtodevice=unset", "-o", "keepintvl=9s"},
                                             {"-o", "preset=dead-peer", "--enforce"}}) {
    for (const char* verb : {"show", "doctor"}) {
      if (verb == std::string("doctor") && given[1] == "bindtodevice=unset") continue;
      std::vector<std::string> words = {verb};
      words.insert(words.end(), given.begin(), given.end());
      words.push_back(server.word());
      const std::string said = sockopt(words).output;
      EXPECT_EQ(count(said, "SOCKOPT_"), 0) << "that is not what was typed: " << said;
      const std::string fix = printed_command(said, "sockopt apply");
      ASSERT_FALSE(fix.empty()) << said;
      const Finished fixed = run_printed(fix);
      EXPECT_TRUE(fixed.success()) << fix << '\n' << fixed.error;
      EXPECT_TRUE(contains(fixed.output, "1 changed, 0 failed")) << fix << '\n' << fixed.output;
      undo(fixed.output);
    }
  }
}

// Where `apply` cannot mend what differs, none is printed.
TEST(PrintedCommandsOfShow, AreNoneWhereTheyWouldFail) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.ini", "[sockopt]\nkeepidle = 60s\n");
  const DemoServer server({}, {}, shim_environment({{"SOCKOPT_CONFIG", path}}));
  apply({"--no-file", "-o", "keepidle=300s", server.word()});
  const auto said = [&](const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"show", server.word()};
    words.insert(words.end(), more.begin(), more.end());
    return sockopt(words).output;
  };
  ASSERT_TRUE(contains(said(), "Fix: sockopt apply " + server.word() + '\n'));
  directory.write("a.ini", "[sockopt]\nkeepidel = 60s\n");
  const std::string faulty = said();
  EXPECT_FALSE(contains(faulty, "Fix: ")) << faulty;
  EXPECT_TRUE(contains(faulty, "`apply` changes nothing while the configuration has errors."));
  const std::string check = printed_command(faulty, "which has changed since and has errors: ");
  EXPECT_TRUE(contains(run_printed(check).output, "did you mean")) << faulty;
  const std::string examined = sockopt({"doctor", server.word()}).output;
  EXPECT_FALSE(contains(examined, "fix: sockopt apply")) << examined;
  EXPECT_TRUE(contains(run_printed(printed_command(examined, "fix: sockopt check " + path)).output,
                       "did you mean"));
  std::filesystem::remove(path);
  EXPECT_FALSE(contains(said(), "Fix: "));
  EXPECT_TRUE(contains(said(), "which no longer exists.\n"));
  directory.write("a.ini", "[sockopt]\n");
  EXPECT_FALSE(contains(said(), "Fix: "));
  const Finished nothing = apply({server.word()}, 1);
  EXPECT_TRUE(contains(nothing.error, "the files that it has read are gone or set nothing by now"));
  EXPECT_TRUE(contains(nothing.error, "nothing was changed"));
  EXPECT_FALSE(contains(said({"-o", "freebind=on"}), "Fix: "));
  EXPECT_TRUE(contains(said({"-o", "freebind=on"}), "Only at a start: freebind. Configure it, "));
}

TEST(PrintedCommandsOfShow, LeaveOutWhatIsNotThere) {
  const DemoServer server;
  const Finished shown = sockopt({"show", "-o", "keepcnt=3", server.word(), "no-such-program"});
  const Finished fixed = run_printed(printed_command(shown.output, "Fix: "));
  EXPECT_TRUE(fixed.success()) << shown.output << fixed.error;
  EXPECT_EQ(server.listener().text("keepcnt"), "3");
}

// Of all listeners: in a namespace of its own, for it changes them all.
TEST(PrintedCommandsOfShow, WithoutAName) {
  SOCKOPT_NEEDS_ROOT("for a pid namespace");
  SOCKOPT_NEEDS_NAMESPACES("--pid", "--net", "--fork", "--mount-proc");
  const TemporaryDirectory directory;
  const std::string demo_server = build_directory() / "demo_server";
  const std::string sockopt_path = command_path();
  directory.write("script",
                  "ip link set lo up\n" + demo_server + " > out1 &\n" + demo_server +
                      " > out2 &\nuntil [ -s out1 ] && [ -s out2 ]; do sleep 0.01; done\n" +
                      "sockopt() { '" + sockopt_path + "' \"$@\"; }\n" +
                      "sockopt show -o keepcnt=3 > shown\n"
                      "eval \"$(sed -n 's/^Look first: //p' shown)\"\n"
                      "eval \"$(sed -n 's/^Fix: //p' shown)\"\n"
                      "sockopt show -o keepcnt=3\n");
  Command inside{.argv = {"unshare", "--pid", "--net", "--fork", "--mount-proc", "--kill-child",
                          "bash", "script"},
                 .directory = directory.path()};
  const Finished done = run(inside);
  EXPECT_TRUE(contains(done.output, "Sockets: 2 would change, 0 would fail.")) << done.error;
  EXPECT_TRUE(contains(done.output, "Sockets: 2 changed, 0 failed."));
  EXPECT_TRUE(contains(done.output, "none differs from -o.")) << done.output;
}

// What doctor advises where the file has changed since is what show goes by from then on.
TEST(PrintedCommandsOfDoctor, OfAPolicyThatIsOldSettleIt) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.ini", "[sockopt]\nkeepidle = 60s\n");
  const DemoServer server({}, {}, shim_environment({{"SOCKOPT_CONFIG", path}}));
  directory.write("a.ini", "[sockopt]\nkeepidle = 61s\n");
  const std::string before = sockopt({"show", server.word()}).output;
  EXPECT_TRUE(contains(before, "has read " + path +
                                   ", which has changed since; "
                                   "`apply` uses it as it is now.\n"));
  const std::string fix =
      printed_command(sockopt({"doctor", server.word()}).output, "sockopt apply");
  ASSERT_FALSE(fix.empty());
  EXPECT_TRUE(run_printed(fix).success()) << fix;
  EXPECT_EQ(server.listener().text("keepidle"), "61s");
  const Finished after = sockopt({"show", "--strict", server.word()});
  EXPECT_EQ(status(after), 0) << after.output;
  EXPECT_TRUE(contains(after.output, "none differs from " + path));
  EXPECT_FALSE(contains(after.output, "set by the program"));
  const std::string examined = sockopt({"doctor", server.word()}).output;
  EXPECT_TRUE(contains(examined, "OK   sockets")) << examined;
  // What is neither, differs, and who set it is not claimed; the fix sets what is told.
  apply({"--no-file", "-o", "keepidle=62s", server.word()});
  const std::string neither = sockopt({"show", server.word()}).output;
  EXPECT_TRUE(contains(neither, "(set by apply)"));
  EXPECT_TRUE(contains(neither,
                       "keepidle is 62s, wants 60s from a.ini:2 (as it was read; now 61s "
                       "from a.ini:2)"))
      << neither;
  EXPECT_TRUE(run_printed(printed_command(neither, "Fix: ")).success());
  EXPECT_EQ(server.listener().text("keepidle"), "61s");
  // What the file has dropped, apply does not set: only what is in it now.
  directory.write("a.ini", "[sockopt]\nkeepcnt = 3\n");
  apply({"--no-file", "-o", "keepidle=62s", server.word()});
  const std::string dropped = sockopt({"show", server.word()}).output;
  EXPECT_TRUE(contains(dropped, "from a.ini:2 (as it was read; nothing sets it now)")) << dropped;
  EXPECT_TRUE(run_printed(printed_command(dropped, "Fix: ")).success()) << dropped;
  EXPECT_EQ(server.listener().text("keepidle"), "62s");
  EXPECT_EQ(server.listener().text("keepcnt"), "3");
}

}  // namespace
}  // namespace sockopt::test
