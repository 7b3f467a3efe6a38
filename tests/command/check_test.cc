// SPDX-License-Identifier: MIT
//
// `sockopt check`: what is wrong, in which line, with a caret under it; and what its exit status
// says.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/requirements.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

class Check : public testing::Test {
 protected:
  std::string file(const std::string& text, mode_t mode = 0644) {
    return directory_.write("sockopt.ini", text, mode).string();
  }

  Finished check(const std::string& text) {
    file(text);
    Command started = command({"check", "sockopt.ini"});
    started.directory = directory_.path();
    return run(started);
  }

  TemporaryDirectory directory_;
};

TEST_F(Check, SaysOneLineWhereNothingIsWrong) {
  const Finished finished = check("[sockopt]\nkeepalive = on\nkeepidle = 60s\nnodelay = on\n");
  EXPECT_EQ(status(finished), 0);
  EXPECT_EQ(finished.output, "sockopt.ini: 3 settings, no errors\n");
  EXPECT_EQ(finished.error, "");
  EXPECT_EQ(check("[sockopt]\nnodelay = on\n").output, "sockopt.ini: 1 setting, no errors\n");
  EXPECT_EQ(check("; nothing\n").output, "sockopt.ini: no settings, no errors\n");
}

TEST_F(Check, PutsACaretUnderWhatIsWrong) {
  const Finished finished = check("[sockopt]\nkeepidle = abc  ; a comment\nnodelay = on\n");
  EXPECT_EQ(status(finished), 1);
  EXPECT_EQ(finished.output,
            "sockopt.ini:2:12: error: keepidle = abc: takes 1s..32767s\n"
            "    2 | keepidle = abc  ; a comment\n"
            "      |            ^~~\n"
            "sockopt.ini: 1 setting, 1 error\n");
}

TEST_F(Check, ShowsEveryFaultInTheOrderOfTheLines) {
  const Finished finished = check(
      "keepalive = on\n"
      "[sockopt]\n"
      "keepidel = 60s\n"
      "user_timeout = 30\n"
      " keepcnt = 5\n"
      "keepintvl: 10\n"
      "sndbuf = 1M;\n"
      "nodelay\n"
      "[foo]\n");
  EXPECT_EQ(status(finished), 1);
  std::size_t from = 0;
  for (const char* place : {":1:1: error", ":3:1: error", ":4:16: error", ":5: error",
                            ":6:10: error", ":7:10: error", ":8:1: error", ":9:2: error"}) {
    const auto at = finished.output.find("sockopt.ini" + std::string(place), from);
    EXPECT_NE(at, std::string::npos) << place << " in:\n" << finished.output;
    if (at != std::string::npos) from = at;
  }
  EXPECT_TRUE(contains(finished.output, "sockopt.ini: no settings, 8 errors\n"));
}

TEST_F(Check, EscapesWhatCouldSteerATerminalAndKeepsTheCaretInPlace) {
  const Finished finished = check("[sockopt]\ncongestion = \x1b[2J\n");
  EXPECT_EQ(status(finished), 1);
  EXPECT_EQ(finished.output.find('\x1b'), std::string::npos);
  EXPECT_TRUE(contains(finished.output,
                       "    2 | congestion = \\x1b[2J\n"
                       "      |              ^~~~~~~\n"));
}

TEST_F(Check, CountsColumnsBehindAByteOrderMarkAndATabAndIgnoresTheCarriageReturn) {
  const Finished finished = check("\xef\xbb\xbf[sockopt]\r\nkeepidle\t= no\r\n");
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.output, "sockopt.ini:2:12: error: "));
  EXPECT_TRUE(contains(finished.output,
                       "    2 | keepidle = no\n"
                       "      |            ^~\n"));
}

TEST_F(Check, CutsALineThatIsTooLong) {
  const Finished finished = check("[sockopt]\n" + std::string(100'000, 'x') + "\n");
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.output, "sockopt.ini:2: error: line longer than"));
  EXPECT_LT(finished.output.size(), 1000U);
}

TEST_F(Check, ShowsOfALongLineWhatIsAroundTheCaret) {
  const Finished finished =
      check("[sockopt]\n" + std::string(90, '\x01') + '\r' + std::string(90, '\x02') + "\n");
  EXPECT_EQ(status(finished), 1);
  const std::size_t begin = finished.output.find("    2 | ");
  ASSERT_NE(begin, std::string::npos) << finished.output;
  const std::size_t end = finished.output.find('\n', begin);
  const std::string line = finished.output.substr(begin, end - begin);
  const std::size_t second = finished.output.find('\n', end + 1);
  const std::string mark = finished.output.substr(end + 1, second - end - 1);
  EXPECT_LE(line.size(), 220U);
  ASSERT_NE(mark.find('^'), std::string::npos) << finished.output;
  EXPECT_EQ(line.substr(mark.find('^'), 4), "\\x0d") << finished.output;
}

TEST_F(Check, KnowsRules) {
  EXPECT_EQ(status(check("[rule web]\nlisten = 443\nbacklog = 64\n")), 0);
  const Finished finished = check("[rule web]\nlisten = 443x\nbacklog = 64\n");
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.output,
                       "    2 | listen = 443x\n"
                       "      |          ^~~~\n"));
}

TEST_F(Check, ReadsSeveralFilesAndEndsWithTheWorstStatus) {
  const std::string good = directory_.write("good.ini", "[sockopt]\nnodelay = on\n");
  const std::string bad = directory_.write("bad.ini", "[sockopt]\nnodelay = 2\n");
  const std::string missing = directory_ / "missing.ini";
  const Finished two = sockopt({"check", good, bad});
  EXPECT_EQ(status(two), 1);
  EXPECT_TRUE(contains(two.output, "good.ini: 1 setting, no errors\n"));
  EXPECT_TRUE(contains(two.output, "bad.ini: no settings, 1 error\n"));

  const Finished three = sockopt({"check", bad, missing, good});
  EXPECT_EQ(status(three), 2);
  EXPECT_EQ(three.error, "sockopt: " + missing + ": there is no such file\n");
  EXPECT_EQ(three.output, sockopt({"check", bad, good}).output);
}

TEST_F(Check, KeepsFilesThatAreNamedApart) {
  const std::string first = directory_.write("first.ini", "[sockopt]\nkeepalive = on\n");
  const std::string second = directory_.write("second.ini", "[sockopt]\nkeepidle = 60s\n");
  EXPECT_TRUE(contains(sockopt({"check", first, second}).output,
                       "second.ini: 1 setting, no errors, "
                       "1 warning\n"));
}

TEST_F(Check, EndsWithTwoWhereItCannotRead) {
  EXPECT_EQ(status(sockopt({"check", directory_.path()})), 2);
  const Finished large = check(std::string((1 << 20) + 1, '\n'));
  EXPECT_EQ(status(large), 2);
  EXPECT_EQ(large.error, "sockopt: sockopt.ini: larger than 1 MiB\n");
  EXPECT_EQ(status(check(std::string(1 << 20, '\n'))), 0);
}

TEST_F(Check, EndsWithTwoWhereItMayNotRead) {
  Command started = command({"check", file("[sockopt]\n", 0600)});
  started.user = "nobody";
  SOCKOPT_NEEDS_ROOT("to become another user");
  const Finished finished = run(started);
  EXPECT_EQ(status(finished), 2);
  EXPECT_TRUE(contains(finished.error, "Permission denied"));
}

TEST_F(Check, ReadsWhatTheShimWouldReadWithoutAFile) {
  const std::string path = file("[sockopt]\nnodelay = on\n");
  const Finished named = sockopt({"check"}, {{"SOCKOPT_CONFIG", path}});
  EXPECT_EQ(status(named), 0);
  EXPECT_EQ(named.output, path + ": 1 setting, no errors\n");

  const Finished relative = sockopt({"check"}, {{"SOCKOPT_CONFIG", "sockopt.ini"}});
  EXPECT_EQ(status(relative), 2);
  EXPECT_TRUE(contains(relative.error, "SOCKOPT_CONFIG=sockopt.ini: takes an absolute path"));

  if (access(SOCKOPT_DEFAULT_CONFIG, F_OK) == 0 || access(SOCKOPT_DEFAULT_DIRECTORY, F_OK) == 0) {
    GTEST_SKIP() << "this host has a " SOCKOPT_DEFAULT_CONFIG;
  }
  const Finished none = sockopt({"check"});
  EXPECT_EQ(status(none), 0);
  EXPECT_EQ(none.output, "nothing is configured: no " SOCKOPT_DEFAULT_CONFIG
                         ", no file in " SOCKOPT_DEFAULT_DIRECTORY "\n");
  EXPECT_EQ(none.error, "");
  const Finished json = sockopt({"check", "--json", "--strict"});
  EXPECT_EQ(status(json), 0);
  EXPECT_TRUE(contains(json.output, "\"files\": [],"));
}

TEST_F(Check, OfAFileThatIsNamedAndMissingIsAnError) {
  const std::string missing = directory_ / "missing.ini";
  EXPECT_EQ(status(sockopt({"check"}, {{"SOCKOPT_CONFIG", missing}})), 2);
}

TEST_F(Check, ReadsStandardInput) {
  const std::string path = file("[sockopt]\nkeepidel = 1\n", 0666);
  const Finished finished =
      run({.argv = {"sh", "-c", "cat " + path + " | \"$0\" check -", command_path()}});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(finished.output, "<stdin>:2:1: error: unknown option `keepidel`"));
  EXPECT_TRUE(contains(finished.output, "<stdin>: no settings, 1 error\n"));
  // Of a file that is handed over, whoever may write to it.
  const Finished redirected =
      run({.argv = {"sh", "-c", "\"$0\" check - <" + path, command_path()}});
  EXPECT_EQ(redirected.output, finished.output);
}

TEST_F(Check, ReadsAPipe) {
  constexpr std::string_view kText = "[sockopt]\nnodelay = on\n";
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  ASSERT_EQ(write(ends[1], kText.data(), kText.size()), static_cast<ssize_t>(kText.size()));
  close(ends[1]);
  Command started = command({"check", "/dev/stdin"});
  started.descriptors[0] = ends[0];
  const Finished finished = run(started);
  close(ends[0]);
  EXPECT_EQ(status(finished), 0);
  EXPECT_EQ(finished.output, "/dev/stdin: 1 setting, no errors\n");
}

// The library reads regular files only; nobody may ever write to a FIFO.
TEST_F(Check, DoesNotWaitForAPipeInForce) {
  const std::string path = directory_ / "fifo.ini";
  ASSERT_EQ(mkfifo(path.c_str(), 0644), 0);
  const Finished fifo = sockopt({"check"}, {{"SOCKOPT_CONFIG", path}});
  EXPECT_EQ(status(fifo), 2);
  EXPECT_EQ(fifo.error, "sockopt: " + path + ": not read: it is a FIFO, not a regular file\n");
  const Finished other = sockopt({"check"}, {{"SOCKOPT_CONFIG", directory_.path()}});
  EXPECT_EQ(status(other), 2);
  EXPECT_TRUE(contains(other.error, ": not read: it is a directory, not a regular file\n"));
}

// `run` and the library refuse it.
TEST_F(Check, AFileThatTheLibraryRefusesIsAnError) {
  const std::string path = file("[sockopt]\nnodelay = on\n", 0666);
  const Finished named = sockopt({"check", path});
  const Finished in_force = sockopt({"check"}, {{"SOCKOPT_CONFIG", path}});
  for (const Finished& finished : {named, in_force}) {
    EXPECT_EQ(status(finished), 1);
    EXPECT_TRUE(contains(finished.output,
                         ": error: the library does not read it: it can be written by anyone"));
    EXPECT_TRUE(contains(finished.output, ": 1 setting, 1 error\n"));
  }
}

TEST_F(Check, AFileOfAnotherUserIsAnError) {
  SOCKOPT_NEEDS_ROOT("to give a file away");
  const std::string path = file("[sockopt]\nnodelay = on\n");
  ASSERT_EQ(chown(path.c_str(), 12345, 0), 0);
  const Finished finished = sockopt({"check", path});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(
      contains(finished.output, "does not read it: it is owned by user 12345, not by root"));
}

// The library trusts root and the user that it runs as, and reads what he may.
TEST_F(Check, ReadsAsAnotherUser) {
  SOCKOPT_NEEDS_ROOT("to become another user");
  const std::string path = file("[sockopt]\nnodelay = on\n", 0600);
  const Environment named = {{"SOCKOPT_CONFIG", path}};
  const Finished closed = sockopt({"check", "--user", "nobody"}, named);
  EXPECT_EQ(status(closed), 2);
  EXPECT_TRUE(contains(closed.error, "Permission denied"));
  ASSERT_EQ(chown(path.c_str(), 65534, 0), 0);
  EXPECT_EQ(status(sockopt({"check"}, named)), 1);
  EXPECT_EQ(status(sockopt({"check", "--user", "nobody"}, named)), 0);
  EXPECT_EQ(status(sockopt({"check", "--user", "65534"}, named)), 0);
  const Finished unknown = sockopt({"check", "--user", "no-such-user"}, named);
  EXPECT_EQ(status(unknown), 2);
  EXPECT_TRUE(contains(unknown.error, "--user no-such-user: there is no such user"));
}

struct OtherProgram {
  std::string name;
  std::string section;
  int status = 0;  // of `check --program /usr/sbin/nginx`
};

// A mistake in a rule for others does not keep this service from starting.
TEST_F(Check, ForOneProgramOnlyNotesWhatIsWrongInRulesForOthers) {
  for (const OtherProgram& one : std::vector<OtherProgram>{
           {"its own rule", "[rule a]\nprogram = nginx\nbacklgo = 5\n", 1},
           {"another's", "[rule a]\nprogram = redis-server\nbacklgo = 5\n", 0},
           {"everybody's", "[sockopt]\nbacklgo = 5\n", 1},
           {"of every program", "[rule a]\nlisten = 80\nbacklgo = 5\n", 1},
           {"of all but it", "[rule a]\nprogram = !nginx\nbacklgo = 5\n", 0},
           {"another's misspelt condition", "[rule a]\nprogam = redis*\nbacklog = 5\n", 0},
           {"its misspelt condition", "[rule a]\nprogam = ngin*\nbacklog = 5\n", 1},
           {"another's broken pattern", "[rule a]\nprogram = redis[\nbacklog = 5\n", 0},
           {"its broken pattern", "[rule a]\nprogram = ngi[nx\nbacklog = 5\n", 1},
           {"no section", "[rulle a]\nbacklog = 5\n", 1},
           {"a harmful setting of another", "[rule a]\nprogram = x\nlinger = reset\n", 0}}) {
    const std::string path = file("[rule first]\nprogram = nginx\nnodelay = on\n" + one.section +
                                  "[rule last]\nprogram = redis-server\nnodelay = on\n");
    const Finished finished = sockopt({"check", "--strict", "--program", "/usr/sbin/nginx", path});
    EXPECT_EQ(status(finished), one.status) << one.name << '\n' << finished.output;
    EXPECT_EQ(status(sockopt({"check", "--strict", path})), 1) << one.name;
    if (one.status == 0) {
      EXPECT_TRUE(contains(finished.output, ": note: "));
      EXPECT_TRUE(contains(finished.output, " (in a rule for other programs)\n"));
    }
  }
}

// One count, whoever counts: what a section says twice, by a preset, is one setting, and a rule
// that is ignored has none.
TEST_F(Check, CountsAsDoctorDoes) {
  const std::string path = file(
      "[sockopt]\npreset = balanced\nkeepidle = 60s\n[rule a]\nkeepidle = 10s\n"
      "[rule b]\nprogram = nginx\nbacklgo = 5\nbacklog = 10\n");
  const Finished checked = sockopt({"check", path});
  const Finished examined = sockopt({"doctor"}, {{"SOCKOPT_CONFIG", path}});
  EXPECT_TRUE(contains(checked.output, path + ": 7 settings, 2 errors\n"));
  EXPECT_TRUE(contains(examined.output, "7 settings from " + path + "\n"));
  EXPECT_EQ(count(examined.output, "FAIL config"), 2) << examined.output;
}

TEST_F(Check, SaysThatNoRuleNamesTheProgram) {
  const std::string path = file("[sockopt]\nttl = 3\n[rule a]\nprogram = nginx\nkeepcnt = 3\n");
  const std::string note = path + ": note: no rule names it; rules know it as ngnix\n";
  EXPECT_TRUE(contains(sockopt({"check", "--program", "ngnix", path}).output, note));
  EXPECT_FALSE(contains(sockopt({"check", "--program", "nginx", path}).output, "no rule"));
  file("[sockopt]\nttl = 3\n");
  EXPECT_FALSE(contains(sockopt({"check", "--program", "ngnix", path}).output, "no rule"));
}

}  // namespace
}  // namespace sockopt::test
