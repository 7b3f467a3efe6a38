// SPDX-License-Identifier: MIT
//
// Speaking from inside somebody else's program: on standard error, if that still is what it was,
// in whole lines, never so that the program waits, dies of a signal, or finds the text in one of
// its own connections.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <regex>
#include <utility>

#include "tests/support/listener.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {
namespace {

// Enough to be talkative about: faults, refusals, and every option that is set.
const Environment kTalkative = {
    {"KEEPIDEL", "60s"}, {"CONGESTION", "nosuch"}, {"KEEPIDLE", "61s"}, {"LOG", "debug"}};
const Script kLoggedScript = "listener l; client c l; accept a l; get a TCP_KEEPIDLE";

// The script with this as descriptor 2. The actor must do as well as with any other.
Played play_with_error(int descriptor, const Script& script = kLoggedScript) {
  Command command = actor(script, variables(kTalkative));
  command.descriptors[2] = descriptor;
  const Played played = play(command);
  EXPECT_EQ(played.number("get a TCP_KEEPIDLE"), 61);
  EXPECT_EQ(played.result("listen l 5"), "0");
  return played;
}

struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(end, O_CLOEXEC), 0); }
  ~Pipe() {
    for (const int fd : end) {
      if (fd >= 0) ::close(fd);
    }
  }
  void close_reader() { ::close(std::exchange(end[0], -1)); }
  int end[2];
};

void fill(int pipe) {
  fcntl(pipe, F_SETFL, O_NONBLOCK);
  const std::string text(4096, 'x');
  while (write(pipe, text.data(), text.size()) > 0) {
  }
  fcntl(pipe, F_SETFL, 0);
}

bool can_write_to_a_pipe_at_once() {
  Pipe pipe;
  char byte = 'x';
  const iovec vector = {&byte, 1};
  return pwritev2(pipe.end[1], &vector, 1, -1, RWF_NOWAIT) == 1;
}

TEST(StderrLogTest, LinesNameTheProcess) {
  const Played with = play_with(kTalkative, kLoggedScript);
  const std::regex line("sockopt\\[[0-9]+\\]: [^\n]+\n");
  EXPECT_EQ(std::regex_replace(with.error(), line, ""), "");
  EXPECT_GE(occurrences(with.error(), "\n"), 3);
}

TEST(StderrLogTest, DebugTellsOfEachSetting) {
  const Played with = play_with({{"KEEPIDLE", "61s"}, {"LOG", "debug"}}, kLoggedScript);
  EXPECT_EQ(occurrences(with.error(), "descriptor 3: keepidle = 61s (SOCKOPT_KEEPIDLE)"), 1)
      << with.error();
}

TEST(StderrLogTest, InfoTellsOnceWhatIsAskedFor) {
  const Played with = play_with({{"KEEPIDLE", "61s"}, {"KEEPCNT", "default"}, {"LOG", "info"}},
                                kLoggedScript + "socket t inet");
  EXPECT_EQ(occurrences(with.error(), "keepidle = 61s"), 1) << with.error();
  EXPECT_EQ(occurrences(with.error(), "keepcnt = default (SOCKOPT_KEEPCNT)"), 1) << with.error();
  EXPECT_EQ(occurrences(with.error(), "descriptor"), 0) << with.error();
}

TEST(StderrLogTest, OffIsSilent) {
  Environment settings = kTalkative;
  settings["LOG"] = "off";
  EXPECT_EQ(play_with(settings, kLoggedScript).error(), "");
}

TEST(StderrLogTest, ErrorLeavesOutWarnings) {
  Environment settings = kTalkative;
  settings["LOG"] = "error";
  const Played with = play_with(settings, kLoggedScript);
  EXPECT_EQ(occurrences(with.error(), "KEEPIDEL"), 1) << with.error();
  EXPECT_EQ(occurrences(with.error(), "nosuch"), 0) << with.error();
}

TEST(StderrLogTest, ARefusalIsSaidOnceWithItsReason) {
  const Played with =
      play_with({{"CONGESTION", "nosuch"}, {"KEEPIDLE", "61s"}},
                kLoggedScript + "socket t inet; fork; socket u inet; get u TCP_KEEPIDLE = 61");
  EXPECT_EQ(occurrences(with.error(),
                        "warning: congestion = nosuch (SOCKOPT_CONGESTION) was not "
                        "set: not available in this kernel"),
            1)
      << with.error();
}

TEST(StderrLogTest, APrivilegeThatIsMissingIsNamed) {
  SOCKOPT_NEEDS_ROOT("to be other users");
  Command command = actor(kLoggedScript + "socket t inet",
                          variables({{"MARK", "7"}, {"KEEPIDLE", "61s"}, {"PRIORITY", "7"}}));
  command.user = "nobody";
  const Played with = play(command);
  EXPECT_EQ(with.number("get a TCP_KEEPIDLE"), 61);
  EXPECT_EQ(occurrences(with.error(), "mark = 0x7 (SOCKOPT_MARK) was not set: needs CAP_NET_ADMIN"),
            1)
      << with.error();
  EXPECT_EQ(occurrences(with.error(), "priority = 7"), 1) << with.error();
}

TEST(StderrLogTest, MptcpRefusalsAreSaidToBeThose) {
  SOCKOPT_NEEDS_MPTCP();
  const Played with = play_with({{"LINGER2", "30s"}, {"KEEPIDLE", "61s"}},
                                "socket s inet stream mptcp; socket t inet stream mptcp; "
                                "get s TCP_KEEPIDLE = 61");
  EXPECT_EQ(occurrences(with.error(), "MPTCP sockets do not support it"), 1) << with.error();
}

TEST(StderrLogTest, IntoAPipeThatIsFullDoesNotWait) {
  Pipe pipe;
  fill(pipe.end[1]);
  play_with_error(pipe.end[1]);
}

TEST(StderrLogTest, IntoAPipeWithoutReaderDoesNotKill) {
  Pipe pipe;
  pipe.close_reader();
  // 13 is SIGPIPE: nor does it stay behind, for whoever unblocks it.
  play_with_error(pipe.end[1], kLoggedScript + "pending SIGPIPE = 0");
}

TEST(StderrLogTest, IntoAPipeArrives) {
  Pipe pipe;
  play_with_error(pipe.end[1]);
  ::close(std::exchange(pipe.end[1], -1));
  char text[4096];
  EXPECT_GT(read(pipe.end[0], text, sizeof text), 0);
}

TEST(StderrLogTest, OverAFileSizeLimitDoesNotKill) {
  const TemporaryDirectory directory;
  const int full = open((directory / "log").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  Command command = actor(kLoggedScript, variables(kTalkative));
  command.descriptors[2] = full;
  command.argv.insert(command.argv.begin(), {"prlimit", "--fsize=0"});
  EXPECT_EQ(play_aside(command).result("get a TCP_KEEPIDLE"), "61");
  ::close(full);
}

// Where a program is started without standard error, the first file that a library's constructor
// opens has the number.
TEST(StderrLogTest, IntoAFileThatAConstructorOpenedNothingIsWritten) {
  const TemporaryDirectory directory;
  const std::string file = directory / "data";
  Environment environment = variables(kTalkative);
  environment["LD_PRELOAD"] += ":" + victim("libopens_file.so").string();
  environment["OPENS_FILE"] = file;
  Command command = actor(kLoggedScript, environment);
  command.argv.insert(command.argv.begin(), {"sh", "-c", "exec \"$@\" 2>&-", "sh"});
  EXPECT_EQ(play(command).result("get a TCP_KEEPIDLE"), "61");
  EXPECT_EQ(read_file(file), "data of number 2\n");
}

TEST(StderrLogTest, IntoAConnectionNothingIsWritten) {
  // inetd: standard input, output and error are the client.
  const Listener listener;
  TcpClient client = listener.connect();
  UniqueFd connection = listener.accept();
  play_with_error(connection.get());
  connection.reset();
  EXPECT_EQ(client.receive_all(), "");
}

TEST(StderrLogTest, IntoAUnixStreamArrives) {
  int ends[2];  // journald's
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  play_with_error(ends[1]);
  ::close(ends[1]);
  char text[4096];
  EXPECT_GT(read(ends[0], text, sizeof text), 0);
  ::close(ends[0]);
}

// A service that systemd starts for each connection to a UNIX socket (Accept=yes,
// StandardInput=socket), or one under a super-server.
TEST(StderrLogTest, IntoAUnixStreamThatIsStandardInputTooNothingIsWritten) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  Command command = actor(kLoggedScript, variables(kTalkative));
  command.descriptors[0] = command.descriptors[2] = ends[1];
  EXPECT_EQ(play(command).number("get a TCP_KEEPIDLE"), 61);
  ::close(ends[1]);
  char text[4096];
  EXPECT_EQ(read(ends[0], text, sizeof text), 0) << text;
  ::close(ends[0]);
}

// A UNIX listener of the test's own, and both ends of a connection to it.
class UnixConnection {
 public:
  UnixConnection() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory_ / "socket";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(bind(listener_.get(), generic, sizeof address), 0);
    EXPECT_EQ(listen(listener_.get(), 5), 0);
    EXPECT_EQ(connect(client.get(), generic, sizeof address), 0);
    server = UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }

  UniqueFd client{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  UniqueFd server;

  // What came to this end, once the other is closed.
  static std::string received(UniqueFd& end, UniqueFd& other) {
    other = UniqueFd();
    char text[8192];
    const ssize_t size = recv(end.get(), text, sizeof text, MSG_WAITALL);
    return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
  }

 private:
  TemporaryDirectory directory_;
  UniqueFd listener_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

// The same with StandardError=socket alone.
TEST(StderrLogTest, IntoAnAcceptedUnixConnectionNothingIsWritten) {
  UnixConnection connection;
  play_with_error(connection.server.get());
  EXPECT_EQ(UnixConnection::received(connection.client, connection.server), "");
}

TEST(StderrLogTest, IntoAConnectionToALoggerItArrives) {
  UnixConnection connection;
  play_with_error(connection.client.get());
  EXPECT_NE(UnixConnection::received(connection.server, connection.client).find("KEEPIDEL"),
            std::string::npos);
}

// Another writer has filled it between our look and our write: as if poll had said that there is
// room. It is never asked where the write itself can be told not to wait.
TEST(StderrLogTest, IntoAPipeThatAnotherFillsMeanwhileDoesNotWait) {
  SOCKOPT_NEEDS_STRACE();
  if (!can_write_to_a_pipe_at_once()) GTEST_SKIP() << "RWF_NOWAIT on pipes needs Linux 6.4";
  Pipe pipe;
  fill(pipe.end[1]);
  const TemporaryDirectory directory;
  Command command{.argv = {"strace", "-qq", "-o", directory / "trace", "-e", "trace=poll,write",
                           "-e",
                           // {fd 2, events, revents POLLOUT}, and one descriptor is ready
                           "inject=poll:retval=1:poke_exit=@arg1=0200000004000400"}};
  for (const auto& [name, value] : variables(kTalkative)) {
    command.argv.insert(command.argv.end(), {"-E", name + "=" + value});
  }
  const Command plain = actor(kLoggedScript, plain_environment());
  command.argv.insert(command.argv.end(), plain.argv.begin(), plain.argv.end());
  command.descriptors[2] = pipe.end[1];
  EXPECT_EQ(play(command).number("get a TCP_KEEPIDLE"), 61);
  EXPECT_EQ(occurrences(read_file(directory / "trace"), "write(2, "), 0);
}

TEST(StderrLogTest, WhereStandardErrorIsClosedNothingIsSaid) { play_with_error(Command::kClosed); }

TEST(StderrLogTest, AClientThatGetsNumberTwoReceivesNothing) {
  const Script script =
      "listener l; client c l; close 2; accept a l = 2; client d l; accept b l; "
      "socket t inet; set t TCP_CONGESTION 0; available c = nothing; "
      "get a TCP_KEEPIDLE; get a SO_PRIORITY = 4";
  Environment settings = kTalkative;
  settings["PRIORITY"] = "4";
  play_with(settings, script);
}

TEST(StderrLogTest, AFileThatGetsNumberTwoStaysEmpty) {
  const TemporaryDirectory directory;
  play_with(kTalkative, "close 2; pipe p = 2; socket t inet; available p; get t TCP_KEEPIDLE = 61");
}

TEST(StderrLogTest, WhatCameFromOutsideIsEscaped) {
  const Played with = play_with({{"KEEPIDLE", "\x1b[31m\nsockopt[1]: forged"}}, "socket s inet");
  EXPECT_EQ(occurrences(with.error(), "\n"), 1) << with.error();
  EXPECT_EQ(occurrences(with.error(), "\x1b"), 0);
  EXPECT_EQ(occurrences(with.error(), "\\x1b[31m\\x0asockopt[1]: forged"), 1) << with.error();
}

}  // namespace
}  // namespace sockopt::test
