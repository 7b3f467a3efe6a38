// SPDX-License-Identifier: MIT
//
// What `sockopt --complete` offers, and that each shell, completing a line as it does, comes to it.
#include <unistd.h>

#include "shim/options/table.h"
#include "shim/zmq/table.h"
#include "tests/support/paths.h"
#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"
#include "tools/sockopt/verbs.h"

namespace sockopt::test {
namespace {

std::string offered(std::vector<std::string> words) {
  words.insert(words.begin(), "--complete");
  const Finished finished = sockopt(words);
  EXPECT_EQ(status(finished), 0);
  EXPECT_EQ(finished.error, "");
  return finished.output;
}

// The first words of the lines, each between two blanks.
std::string words_of(const std::string& lines) {
  std::string words = " ";
  for (std::size_t begin = 0; begin < lines.size(); begin = lines.find('\n', begin) + 1) {
    words += lines.substr(begin, lines.find_first_of("\t\n", begin) - begin) + ' ';
  }
  return words;
}

TEST(Completion, OffersEveryVerbAndWhatItDoes) {
  std::string expected;
  for (const Verb* verb : verbs()) {
    expected += std::string(verb->name) + '\t' + std::string(verb->summary) + '\n';
  }
  EXPECT_EQ(offered({""}), expected);
  EXPECT_EQ(words_of(offered({"opt"})), " options ");
  EXPECT_EQ(words_of(offered({"--v"})), " --version ");
  EXPECT_EQ(words_of(offered({"help", "dis"})), " disable ");
  EXPECT_EQ(offered({"nosuch", ""}), "");
}

TEST(Completion, OffersEveryKey) {
  std::string keys;
  for (const Option& option : kOptions) {
    keys += ' ' + std::string(option.key.view());
  }
  for (const zmq::Row& row : zmq::kRows) keys += " zmq." + std::string(row.option.key.view());
  EXPECT_EQ(words_of(offered({"options", ""})), keys + ' ');
  EXPECT_EQ(words_of(offered({"run", "-o", "keepi"})), " keepidle= keepintvl= ");
  EXPECT_EQ(words_of(offered({"apply", "-o", "nodelay=on", "--option", "keepc"})), " keepcnt= ");
}

// Where a program is started, or what it would get is explained, and nowhere else.
TEST(Completion, OffersZeroMqsKeysWhereTheyAreTaken) {
  EXPECT_EQ(words_of(offered({"run", "-o", "zmq.req_"})), " zmq.req_relaxed= zmq.req_correlate= ");
  EXPECT_EQ(words_of(offered({"explain", "-o", "zmq.linger="})),
            " zmq.linger=5s zmq.linger=-1 zmq.linger=default zmq.linger=ignore ");
  EXPECT_EQ(words_of(offered({"explain", "--zmq", "re"})), " req rep ");
  EXPECT_EQ(offered({"apply", "-o", "zmq."}), "");
  for (const zmq::Row& row : zmq::kRows) {
    const std::string begun = "zmq." + std::string(row.option.key.view()) + '=';
    const std::string words = words_of(offered({"explain", "-o", begun}));
    for (std::size_t at = 1; at < words.size(); at = words.find(' ', at) + 1) {
      const std::string word = words.substr(at, words.find(' ', at) - at);
      const Finished finished = sockopt({"explain", "--zmq", "req", "-o", word});
      EXPECT_EQ(status(finished), 0) << word << ": " << finished.error;
    }
  }
}

TEST(Completion, OffersValues) {
  EXPECT_EQ(words_of(offered({"run", "-o", "nodelay="})),
            " nodelay=on nodelay=off nodelay=default nodelay=ignore ");
  EXPECT_EQ(words_of(offered({"run", "-o", "linger=r"})), " linger=reset ");
  EXPECT_EQ(words_of(offered({"run", "-o", "tos=af4"})), " tos=af41 tos=af42 tos=af43 ");
  EXPECT_TRUE(contains(words_of(offered({"run", "-o", "bindtodevice="})), " bindtodevice=lo "));
  EXPECT_EQ(words_of(offered({"explain", "--engine", ""})), " preload bpf ");
  EXPECT_EQ(words_of(offered({"check", "--engine", "b"})), " bpf ");
  EXPECT_TRUE(contains(offered({"run", "-o", "keepidle="}), "keepidle=60s\tof 1s..32767s\n"));
}

// A value that is offered and then refused would be worse than none.
TEST(Completion, OffersNoValueThatIsRefused) {
  for (const Option& option : kOptions) {
    const std::string begun = std::string(option.key.view()) + '=';
    const std::string lines = offered({"explain", "-o", begun});
    ASSERT_FALSE(lines.empty()) << begun;
    for (std::size_t begin = 0; begin < lines.size(); begin = lines.find('\n', begin) + 1) {
      const std::string word = lines.substr(begin, lines.find_first_of("\t\n", begin) - begin);
      const Finished finished = sockopt({"explain", "-o", word});
      EXPECT_EQ(status(finished), 0) << word << ": " << finished.error;
    }
  }
}

TEST(Completion, OffersTheOptionsOfTheVerb) {
  EXPECT_EQ(words_of(offered({"check", "--s"})), " --strict ");
  EXPECT_EQ(offered({"options", "--j"}), "--json\tAs JSON, schema sockopt.options/1\n");
  EXPECT_EQ(offered({"check", "--", "--s"}), ":files\n");
}

TEST(Completion, LeavesFilesAndProgramsToTheShell) {
  EXPECT_EQ(offered({"check", ""}), ":files\n");
  EXPECT_EQ(offered({"run", "-c", ""}), ":files\n");
  EXPECT_EQ(offered({"enable", "--root", ""}), ":directories\n");
  EXPECT_EQ(offered({"explain", "--program", ""}), ":programs\n");
  EXPECT_EQ(offered({"run", "ngi"}), ":command 1\n");
  EXPECT_EQ(offered({"run", "-o", "nodelay=on", "--enforce", "nginx", "-"}), ":command 4\n");
  EXPECT_EQ(offered({"run", "--", "nginx", ""}), ":command 2\n");
  EXPECT_EQ(offered({"doctor", "--", ""}), ":command 2\n");
}

TEST(Completion, OffersProcessesAndUnits) {
  EXPECT_EQ(words_of(offered({"show", "command_te"})), " command_tests ");
  EXPECT_EQ(words_of(offered({"doctor", "command_te"})), " command_tests ");
  if (access("/lib/systemd/system/nginx.service", F_OK) != 0) GTEST_SKIP() << "no nginx.service";
  EXPECT_EQ(words_of(offered({"enable", "nginx.s"})), " nginx.service ");
  EXPECT_EQ(words_of(offered({"show", "-u", "nginx.s"})), " nginx.service ");
  EXPECT_FALSE(offered({"enable", "getty"}).find("getty@.service") != std::string::npos);
}

class InShell : public testing::Test {
 protected:
  // What a script prints on standard output; $COMPLETION is the file in completions/, and `sockopt`
  // the command.
  std::string ask(const std::string& shell, const std::string& file,
                  std::vector<std::string> arguments, const std::string& script) {
    const std::string path = "/usr/bin/" + shell;
    EXPECT_EQ(access(path.c_str(), X_OK), 0) << shell << " is not installed";
    if (access(path.c_str(), X_OK) != 0) return {};
    Command started;
    started.argv = {path};
    started.argv.insert(started.argv.end(), arguments.begin(), arguments.end());
    started.argv.push_back(directory_.write("script", script));
    started.environment["COMPLETION"] = source_directory() / "tools/sockopt/completions" / file;
    const std::filesystem::path command(command_path());
    started.environment["PATH"] =
        command.parent_path().string() + ":" + started.environment["PATH"];
    started.environment["HOME"] = directory_.path();
    started.environment["TERM"] = "dumb";
    const Finished finished = run(started);
    EXPECT_EQ(finished.error, "");
    return finished.output;
  }

  std::string make_file(const std::string& name) { return directory_.write(name, ""); }

  // The command with its completions, as they are installed, below a prefix; the prefix.
  std::filesystem::path install() {
    const auto prefix = directory_.path() / "prefix";
    const Finished finished =
        run({.argv = {SOCKOPT_CMAKE, "--install", build_directory() / "tools/sockopt", "--prefix",
                      prefix}});
    EXPECT_TRUE(finished.success()) << finished.output << finished.error;
    return prefix;
  }

 private:
  TemporaryDirectory directory_;
};

class InBash : public InShell {
 protected:
  // Bash splits words at `=`.
  std::string offered(const std::string& words) {
    return ask("bash", "sockopt.bash", {"--norc"},
               "source \"$COMPLETION\"; COMP_WORDS=(sockopt " + words +
                   "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _sockopt; "
                   "printf ' %s' \"${COMPREPLY[@]}\"; echo ' '");
  }
};

TEST_F(InBash, Completes) {
  EXPECT_EQ(offered("opt"), " options \n");
  EXPECT_EQ(offered("check --s"), " --strict \n");
  EXPECT_EQ(offered("run -o keepi"), " keepidle= keepintvl= \n");
  EXPECT_EQ(offered("run -o nodelay = o"), " on off \n");
  EXPECT_EQ(offered("run -o nodelay ="), " on off default ignore \n");
  EXPECT_EQ(offered("run -o nodelay = on --option keepc"), " keepcnt= \n");
}

TEST_F(InBash, LeavesTheWordsOfTheProgramAlone) {
  EXPECT_EQ(offered("run -o nodelay = on nginx --c"), "  \n");
  EXPECT_EQ(offered("run nginx -o keepi"), "  \n");
  EXPECT_TRUE(contains(offered("run -- printen"), " printenv "));
  const std::string some = make_file("some.ini");
  EXPECT_EQ(offered("check " + some.substr(0, some.size() - 6)), ' ' + some + " \n");
}

class InZsh : public InShell {
 protected:
  // What becomes of the lines, each with a tabulator behind it, that are typed into an interactive
  // zsh on a terminal of its own.
  std::string completed(const std::vector<std::string>& lines) {
    std::string script =
        "zmodload zsh/zpty\n"
        "mkdir -p $HOME/functions && cp $COMPLETION $HOME/functions/_sockopt\n"
        "zpty z zsh -f -i\n"
        "zpty -w z 'PS1=; fpath=(" +
        functions_ +
        " $fpath); autoload -Uz compinit; "
        "compinit -u -D; tell() { print -r -- \"<<$BUFFER>\"\">\"; BUFFER= }; "
        "zle -N tell; bindkey \"^X\" tell; print READ\"\"Y'\n"
        "zpty -r -m z output '*READY*'\n";
    for (const std::string& line : lines) {
      script += "zpty -w -n z '" + line +
                "'$'\\t\\x18'\n"
                "zpty -r -m z output '*<<*>>*'\n"
                "output=${output##*<<}\n"
                "print -r -- \"${output%%>>*}|\"\n";
    }
    return ask("zsh", "sockopt.zsh", {"-f"}, script + "zpty -d z\n");
  }

  std::string functions_ = "$HOME/functions";  ///< where zsh is told to look
};

TEST_F(InZsh, Completes) {
  const std::string some = make_file("some.ini");
  EXPECT_EQ(completed({"sockopt opt", "sockopt check --s", "sockopt run -o keepc",
                       "sockopt run -o nodelay=of", "sockopt run -o nodelay=on -- printen",
                       "sockopt check " + some.substr(0, some.size() - 6)}),
            "sockopt options |\n"
            "sockopt check --strict |\n"
            "sockopt run -o keepcnt=|\n"
            "sockopt run -o nodelay=off |\n"
            "sockopt run -o nodelay=on -- printenv |\n"
            "sockopt check " +
                some + " |\n");
}

// zsh looks for completions in the directories that it was built with, and in no other.
TEST_F(InZsh, LooksWhereTheInstalledFileIs) {
  const auto prefix = install();
  std::vector<std::string> directories;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(prefix)) {
    if (entry.path().filename() == "_sockopt") {
      directories.push_back(entry.path().parent_path().lexically_relative(prefix));
    }
  }
  ASSERT_EQ(directories.size(), 1U);
  functions_ = prefix / directories[0];
  EXPECT_EQ(completed({"sockopt opt"}), "sockopt options |\n");

  const std::string at_home = std::string(SOCKOPT_PREFIX) + '/' + directories[0] + '\n';
  if (!at_home.starts_with("/usr/")) GTEST_SKIP() << "to be installed into " << SOCKOPT_PREFIX;
  EXPECT_TRUE(contains(ask("zsh", "sockopt.zsh", {"-f"}, "print -l $fpath"), at_home));
}

class InFish : public InShell {
 protected:
  std::string offered(const std::string& line) {
    return ask("fish", "sockopt.fish", {"--no-config"},
               "source $COMPLETION; complete -C '" + line + "'");
  }
};

TEST_F(InFish, Completes) {
  EXPECT_TRUE(offered("sockopt opt").starts_with("options\t")) << offered("sockopt opt");
  EXPECT_TRUE(offered("sockopt check --s").starts_with("--strict\t"));
  EXPECT_TRUE(offered("sockopt run -o keepc").starts_with("keepcnt=\t"));
  EXPECT_EQ(words_of(offered("sockopt run -o nodelay=o")), " nodelay=off nodelay=on ");
  EXPECT_TRUE(contains(words_of(offered("sockopt run -o nodelay=on -- printen")), " printenv "));
  const std::string some = make_file("some.ini");
  EXPECT_EQ(words_of(offered("sockopt check " + some.substr(0, some.size() - 6))),
            ' ' + some + ' ');
}

}  // namespace
}  // namespace sockopt::test
