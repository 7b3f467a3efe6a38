// SPDX-License-Identifier: MIT
//
// Being looked at must not be noticed. A duplicate that is held while its owner closes the socket
// keeps the peer waiting: whoever reads the output slowly, or not at all, must not do that.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

TEST(ShowDisturbance, ReaderThatNeverReadsDelaysNoFin) {
  const Listener listener(200);
  Connections connections(listener, 100);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  // More than a pipe holds, whichever way it is said.
  for (const char* form : {"--json", "--each"}) {
    const TemporaryDirectory directory;
    Command started = command({"show", "-c", directory.write("empty.ini", ""), form, own_word()});
    started.descriptors[1] = writer.get();
    ASSERT_GT(fcntl(writer.get(), F_SETPIPE_SZ, 4096), 0);
    Process shown(started);
    int held = 0;
    ASSERT_TRUE(eventually(kPatience,
                           [&] {
                             ioctl(reader.get(), FIONREAD, &held);
                             return held == 4096;
                           }))
        << form << held << shown.error();
    ASSERT_TRUE(shown.running()) << "it waits for its reader";
    for (int i = 0; i < 10; ++i) {
      connections.accepted.back().reset();
      EXPECT_EQ(connections.clients.back().receive_all(), "") << "the peer gets its FIN";
      connections.accepted.pop_back();
      connections.clients.pop_back();
    }
    EXPECT_TRUE(shown.running());
    shown.send_signal(SIGKILL);
    shown.wait();
    char rest[4096];
    while (ioctl(reader.get(), FIONREAD, &held) == 0 && held > 0) {
      ASSERT_GT(read(reader.get(), rest, sizeof rest), 0);
    }
  }
}

// Complaints are kept back as well: the reader of standard error may be slow, too.
TEST(ShowDisturbance, NothingIsWrittenWhileADuplicateIsHeld) {
  SOCKOPT_NEEDS_NO_SANITIZER();
  const Listener listener;
  const Connections connections(listener, 20);
  const TemporaryDirectory directory;
  const std::string file = directory.write("faulty.ini", "[sockopt]\nkeepidel = 1\nnodelay = on\n");
  Command traced = command({"show", "-c", file, own_word(), "no-such-program"});
  traced.argv.insert(traced.argv.begin(), {"strace", "-f", "-qq", "-e", "trace=write,pidfd_getfd",
                                           "-o", directory / "trace"});
  traced.environment["ASAN_OPTIONS"] = "detect_leaks=0";  // which cannot be done under ptrace
  SOCKOPT_NEEDS("strace");
  const Finished finished = run(traced);
  EXPECT_EQ(status(finished), 1);
  const std::string trace = read_file(directory / "trace");
  EXPECT_GE(count(trace, "pidfd_getfd("), 41);
  EXPECT_GE(count(trace, "write("), 3);
  EXPECT_LT(trace.rfind("pidfd_getfd("), trace.find("write(")) << trace;
}

}  // namespace
}  // namespace sockopt::test
