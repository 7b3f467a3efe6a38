// SPDX-License-Identifier: MIT
//
// What a command line comes to, and what on the way takes LD_PRELOAD from the program.
#include "tools/sockopt/launch/start_line.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/process.h"
#include "tests/support/requirements.h"
#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"
#include "tools/sockopt/launch/shell_text.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt::test {
namespace {

using Words = std::vector<std::string>;

constexpr char kLibrary[] = "/usr/lib/libsockopt.so";

// Every program is there. Words are between spaces, but for what stands between quotes.
StartLine follow(const std::string& line, const Words& variables = {}) {
  const auto commands = shell_commands(line);
  EXPECT_EQ(commands.size(), 1u) << line;
  Words words = commands.front().assignments;
  words.insert(words.end(), commands.front().words.begin(), commands.front().words.end());
  const auto everywhere = [](const std::string& name) {
    return name.starts_with('/') ? name : "/usr/bin/" + name;
  };
  return follow_start_line(words, {FileTree::host(), everywhere, kLibrary, variables});
}

struct Kept {
  const char* line;
  const char* program;
};
constexpr Kept kKept[] = {
    {"/opt/agent -x", "/opt/agent -x"},
    {"env A=1 /opt/agent", "/opt/agent"},
    {"env -u OTHER --chdir /tmp -- /opt/agent", "/opt/agent"},
    {"env -S 'A=1 /opt/agent -x' y", "/opt/agent -x y"},
    {"env LD_PRELOAD=/usr/lib/libsockopt.so:/x.so /opt/agent", "/opt/agent"},
    {"env -i LD_PRELOAD=/usr/lib/libsockopt.so /opt/agent", "/opt/agent"},
    {"tini-static -s -- /opt/agent -i", "/opt/agent -i"},
    {"dumb-init /opt/agent", "/opt/agent"},
    {"gosu web:web /opt/agent", "/opt/agent"},
    {"su-exec web nice -n 5 timeout -k 3 10 /opt/agent", "/opt/agent"},
    {"setpriv --reuid 3 --clear-groups -- /opt/agent", "/opt/agent"},
    {"runuser -u web -- /opt/agent -l", "/opt/agent -l"},
    {"su web -s /bin/sh -c 'exec /opt/agent -i'", "/opt/agent -i"},
    {"chroot /srv/jail /opt/agent", "/opt/agent"},
    {"start-stop-daemon --start --exec /opt/agent -- -x", "/opt/agent -x"},
    {"ip netns exec blue /opt/agent", "/opt/agent"},
    {"ip -n red vrf exec blue /opt/agent", "/opt/agent"},
    {"flock -w 5 /run/lock /opt/agent -x", "/opt/agent -x"},
    {"flock /run/lock -c 'exec /opt/agent -x'", "/opt/agent -x"},
    {"sg web -c /opt/agent", "/opt/agent"},
    {"daemonize -p /run/a.pid -u web /opt/agent", "/opt/agent"},
    {"proxychains4 -q -f /etc/p.conf /opt/agent", "/opt/agent"},
    {"/lib64/ld-linux-x86-64.so.2 --library-path /opt/lib /opt/agent", "/opt/agent"},
    {"s6-envdir /etc/env s6-setuidgid web /opt/agent", "/opt/agent"},
    {"systemd-run -t -E LD_PRELOAD=/usr/lib/libsockopt.so /opt/agent", "/opt/agent"},
    {"sudo -u web LD_PRELOAD=/usr/lib/libsockopt.so /opt/agent", "/opt/agent"},
    {"su -w LD_PRELOAD - web -c /opt/agent", "/opt/agent"},
    {"runuser --command='/opt/agent -x' web", "/opt/agent -x"},
    {"stdbuf -o L /opt/agent", "/opt/agent"},
    {"env SOCKOPT_DISABLE=0 /opt/agent", "/opt/agent"},
    {"strace -f -o /tmp/t -e trace=listen /opt/agent", "/opt/agent"},
    {"bash -c 'exec -a name /opt/agent -x'", "/opt/agent -x"},
    {"sh -c 'A=/x.so:$LD_PRELOAD; LD_PRELOAD=$A exec /opt/agent'", "/opt/agent"},
    {"sh -c 'exec /opt/agent -e'", "/opt/agent -e"},
    {"sh -ec 'export LD_PRELOAD=\"/x.so:$LD_PRELOAD\"; exec /opt/agent'", "/opt/agent"},
    {"sh -c 'LD_PRELOAD=/x.so /usr/bin/other; exec /opt/agent'", "/opt/agent"},
    {"sh -c 'sudo mkdir /run/x; env -i /usr/bin/other; exec /opt/agent'", "/opt/agent"},
    {"sh -c 'exec \"$0\" \"$@\"' /opt/agent -v", "/opt/agent -v"},
    {"sudo env LD_PRELOAD=/usr/lib/libsockopt.so /opt/agent", "/opt/agent"},
    {"systemd-run -E LD_PRELOAD=/usr/lib/libsockopt.so /opt/agent", "/opt/agent"},
};

TEST(StartLine, IsHandedOn) {
  for (const Kept& one : kKept) {
    const StartLine line = follow(one.line);
    EXPECT_FALSE(line.loss) << one.line << ": " << line.loss->what;
    EXPECT_EQ(joined(line.words, " "), one.program) << one.line;
  }
}

struct Lost {
  const char* line;
  const char* what;
  const char* fix;
};
constexpr Lost kLost[] = {
    {"env LD_PRELOAD=/x.so /opt/agent", "env sets LD_PRELOAD to /x.so, without the library",
     "env LD_PRELOAD=/usr/lib/libsockopt.so:/x.so SOCKOPT_CONFIG=/a.ini /opt/agent"},
    {"env LD_PRELOAD= /opt/agent", "env empties LD_PRELOAD",
     "env LD_PRELOAD=/usr/lib/libsockopt.so SOCKOPT_CONFIG=/a.ini /opt/agent"},
    {"env -u LD_PRELOAD /opt/agent", "env -u LD_PRELOAD removes LD_PRELOAD",
     "env -u LD_PRELOAD /usr/bin/env LD_PRELOAD=/usr/lib/libsockopt.so SOCKOPT_CONFIG=/a.ini "
     "/opt/agent"},
    {"env -uLD_PRELOAD /opt/agent", "env -u LD_PRELOAD removes", ""},
    {"env --unset=LD_PRELOAD /opt/agent", "env -u LD_PRELOAD removes", ""},
    {"env -i /opt/agent", "env -i starts its program with a fresh environment", ""},
    {"env - A=1 /opt/agent", "env -i starts its program with a fresh environment", ""},
    {"sudo -u web /opt/agent", "sudo starts its program with a fresh environment",
     "sudo -u web /usr/bin/env LD_PRELOAD=/usr/lib/libsockopt.so SOCKOPT_CONFIG=/a.ini /opt/agent"},
    {"nice -n 5 sudo -E /opt/agent", "sudo starts its program with a fresh",
     "nice -n 5 sudo -E /usr/bin/env LD_PRELOAD=/usr/lib/libsockopt.so SOCKOPT_CONFIG=/a.ini "
     "/opt/agent"},
    {"nice ionice -c 3 env LD_PRELOAD=/x.so /opt/agent", "env sets LD_PRELOAD to /x.so",
     "nice ionice -c 3 env LD_PRELOAD=/usr/lib/libsockopt.so:/x.so SOCKOPT_CONFIG=/a.ini "
     "/opt/agent"},
    {"su - web -c /opt/agent", "su starts its program with a fresh environment", ""},
    {"su - web LD_PRELOAD=/usr/lib/libsockopt.so -c /opt/agent", "su starts its program",
     "write `export LD_PRELOAD=/usr/lib/libsockopt.so;` in front of the command"},
    {"su --login web", "su starts its program with a fresh environment", ""},
    {"su -lc /opt/agent web", "su starts its program with a fresh environment", ""},
    {"runuser -l web --command=/opt/agent", "runuser starts its program with a fresh", ""},
    {"nsenter -t 1 --env /opt/agent", "nsenter starts its program with a fresh environment", ""},
    {"sudo -u web A=1 /opt/agent", "sudo starts its program with a fresh environment",
     "sudo -u web A=1 /usr/bin/env LD_PRELOAD=/usr/lib/libsockopt.so SOCKOPT_CONFIG=/a.ini "
     "/opt/agent"},
    {"env SOCKOPT_DISABLE=1 /opt/agent", "env SOCKOPT_DISABLE=1 disables the library",
     "leave it out"},
    {"mptcpize run /opt/agent", "mptcpize sets LD_PRELOAD to a library of its own",
     "leave it out, and set `mptcp = on`, which does the same"},
    {"bash -c 'exec -c /opt/agent'", "bash -c: exec -c starts its program without an environment",
     "leave out -c"},
    {"sh -c 'A=/x.so; LD_PRELOAD=$A exec /opt/agent'", "sh -c sets LD_PRELOAD to $A", ""},
    {"setpriv --reset-env /opt/agent", "setpriv starts its program with a fresh", ""},
    {"sh -c 'LD_PRELOAD=/x.so exec /opt/agent'", "sh -c sets LD_PRELOAD to /x.so",
     "write LD_PRELOAD=/usr/lib/libsockopt.so:/x.so in its place"},
    {"sh -c 'export LD_PRELOAD=/x.so && exec /opt/agent'", "sh -c sets LD_PRELOAD to /x.so", ""},
    {"bash -lc 'unset A LD_PRELOAD; exec /opt/agent'", "bash -c removes LD_PRELOAD", ""},
    // The rest of the text is not lost for it.
    {"sh -c 'mkdir /run/x; exec env -u LD_PRELOAD /opt/agent'", "env -u LD_PRELOAD removes",
     "write `env -u LD_PRELOAD /usr/bin/env LD_PRELOAD=/usr/lib/libsockopt.so "
     "SOCKOPT_CONFIG=/a.ini /opt/agent` in its place"},
    {"sh -c 'ulimit -n 9; env LD_PRELOAD=/x.so /opt/agent'", "env sets LD_PRELOAD to /x.so",
     "write `env LD_PRELOAD=/usr/lib/libsockopt.so:/x.so SOCKOPT_CONFIG=/a.ini /opt/agent` in its "
     "place"},
    {"gosu web sh -c 'LD_PRELOAD= /opt/agent'", "sh -c empties LD_PRELOAD", ""},
};

TEST(StartLine, LosesTheLibrary) {
  for (const Lost& one : kLost) {
    const StartLine line = follow(one.line, {"SOCKOPT_CONFIG=/a.ini"});
    ASSERT_TRUE(line.loss) << one.line;
    EXPECT_TRUE(line.loss->what.starts_with(one.what)) << one.line << ": " << line.loss->what;
    EXPECT_TRUE(line.loss->is_certain) << one.line;
    if (*one.fix != '\0') {
      EXPECT_EQ(line.loss->fix_text(), one.fix);
    }
    if (line.loss->fixed_line.empty()) continue;
    // What is advised helps.
    const StartLine fixed = follow(command_text(line.loss->fixed_line));
    EXPECT_FALSE(fixed.loss) << line.loss->fix_text();
    EXPECT_EQ(joined(fixed.words, " "), "/opt/agent") << line.loss->fix_text();
    for (const std::string& wrapper : line.wrappers) {
      EXPECT_NE(std::count(fixed.wrappers.begin(), fixed.wrappers.end(), wrapper), 0)
          << wrapper << " is lost in " << line.loss->fix_text();
    }
  }
}

// What is foretold is what happens, with the programs that are here.
TEST(StartLine, IsAsItHappens) {
  const std::string script = "/usr/bin/env";
  int tried = 0;
  std::vector<std::string> lines = {"env A=1 P",
                                    "env -u LD_PRELOAD P",
                                    "env -i P",
                                    "nice -n 5 P",
                                    "setpriv --no-new-privs P",
                                    "setpriv --reset-env P",
                                    "stdbuf -oL P",
                                    "timeout -k 3 10 P",
                                    "setsid -w P",
                                    "nohup P",
                                    "taskset 1 P",
                                    "chrt -o 0 P",
                                    "ionice -c 3 P",
                                    "prlimit --nofile=99 P",
                                    "flock /dev/null P",
                                    "tini P",
                                    "fakeroot P",
                                    "torsocks P",
                                    "tsocks P",
                                    "proxychains4 -q P",
                                    "mptcpize run P",
                                    "sh -c P",
                                    "sh -c 'unset LD_PRELOAD; P'",
                                    "bash -c 'exec -a name P'",
                                    "bash -c 'exec -c P'",
                                    "flock /dev/null -c P",
                                    "start-stop-daemon --start --exec P"};
  if (geteuid() == 0) {
    lines.insert(lines.end(), {"su -c P", "su - root -c P", "su -lc P", "su --login --command=P",
                               "runuser -u root P", "runuser - root -c P", "sg root -c P",
                               "unshare -n P", "nsenter -t 1 -u P"});
  }
  for (const std::string& line : lines) {
    std::string text = line;
    text.replace(text.rfind('P'), 1, script);
    if (line.ends_with("=P")) text = line.substr(0, line.size() - 1) + script;
    const auto commands = shell_commands(text);
    const Words& words = commands.front().words;
    if (!has_program(words.front())) continue;
    Command command{.argv = words};
    command.environment["LD_PRELOAD"] = kLibrary;
    const Finished finished = run(command);
    if (!contains(finished.output, "PATH=") && !contains(finished.output, "PWD=")) continue;
    const bool is_kept =
        contains("\n" + finished.output, "\nLD_PRELOAD=") && contains(finished.output, kLibrary);
    const StartLine foretold = follow_start_line(words, kLibrary, Words());
    EXPECT_EQ(!foretold.loss, is_kept) << text << '\n' << finished.output;
    ++tried;
  }
  EXPECT_GE(tried, 15);
}

class StartScript : public testing::Test {
 protected:
  StartLine follow_script(const std::string& text, const Words& arguments = {}) {
    script_ = directory_.write("start.sh", "#!/bin/sh\n" + text, 0755);
    Words words = {script_};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return follow_start_line(words, kLibrary, Words());
  }

  TemporaryDirectory directory_;
  std::string script_;
};

TEST_F(StartScript, IsFollowedToWhatItBecomes) {
  const StartLine line = follow_script("cd /\nexec /bin/true -x \"$@\" # here\n", {"a", "b"});
  EXPECT_EQ(line.script, script_);
  EXPECT_EQ(joined(line.words, " "), "/bin/true -x a b");
  EXPECT_FALSE(line.loss);
  EXPECT_EQ(joined(follow_script("exec gosu web \"$@\"\n", {"/bin/true"}).words, " "),
            access("/usr/sbin/gosu", X_OK) == 0 ? "/bin/true" : "");
}

TEST_F(StartScript, MayStartWhatOnlyItKnows) {
  const StartLine line = follow_script("JAVA=/usr/bin/java\nexec \"$JAVA\" -jar a.jar\n");
  EXPECT_TRUE(line.words.empty());
  EXPECT_EQ(line.unknown, "exec $JAVA -jar a.jar (" + script_ + ":3)");
}

TEST_F(StartScript, LosesTheLibrary) {
  const auto what = [&](const std::string& text) {
    const StartLine line = follow_script(text);
    if (!line.loss) return std::string();
    EXPECT_FALSE(line.loss->is_certain);
    return line.loss->what.substr(directory_.path().string().size() + 1);
  };
  EXPECT_EQ(what("export LD_PRELOAD=/x.so\nexec /bin/true\n"),
            "start.sh:2 sets LD_PRELOAD to /x.so, without the library");
  EXPECT_EQ(what("unset LD_PRELOAD\n/bin/true\n"),
            "start.sh:2 removes LD_PRELOAD: `unset LD_PRELOAD`");
  EXPECT_EQ(what("# unset LD_PRELOAD\necho 'unset LD_PRELOAD'\nexec /bin/true\n"), "");
  EXPECT_EQ(what("LD_PRELOAD=\"/x.so${LD_PRELOAD:+:$LD_PRELOAD}\"\nexec /bin/true\n"), "");
  EXPECT_EQ(what("if [ -f /x ]; then\n  exec env -i /bin/true\nfi\n"),
            "start.sh:3 seems to change the environment: `exec env -i /bin/true`");
  EXPECT_EQ(what("LIB=/x.so\nexport LD_PRELOAD=\"$LIB\"\nexec /bin/true\n"),
            "start.sh:3 sets LD_PRELOAD to $LIB, without the library");
  // In a script that knows how to keep it, what does not is for where there is nothing to keep.
  EXPECT_EQ(what("if [ -z \"$LD_PRELOAD\" ]; then\n export LD_PRELOAD=/x.so\nelse\n export "
                 "LD_PRELOAD=/x.so:$LD_PRELOAD\nfi\nexec /bin/true\n"),
            "");
  EXPECT_EQ(what("LIB=/x.so\nif test -n \"$LD_PRELOAD\"; then LIB=\"$LIB:$LD_PRELOAD\"; fi\n"
                 "LD_PRELOAD=\"$LIB\" /bin/true\n"),
            "");
  EXPECT_EQ(what("export LIB=\"/x.so:$LD_PRELOAD\"\nexport LD_PRELOAD=$LIB\nexec /bin/true\n"), "");
  const std::string settings = directory_.write("settings", "A=1\nexport LD_PRELOAD=/y.so\n");
  EXPECT_EQ(what(". " + settings + "\nexec /bin/true\n"),
            "settings:2 sets LD_PRELOAD to /y.so, without the library");
  EXPECT_EQ(what("env -i /bin/true &\nwait\n"),
            "start.sh:2 seems to change the environment: `env -i /bin/true`");
}

}  // namespace
}  // namespace sockopt::test
