// SPDX-License-Identifier: MIT
//
// Standard output and error that are closed, full, or without a reader: an exit status, never a
// signal and never a hang.
#include <fcntl.h>
#include <unistd.h>

#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

// Each verb that prints.
const std::vector<std::string> kPrinting[] = {
    {}, {"help", "run"}, {"--version"}, {"options"}, {"options", "--json"}, {"check", "/dev/null"}};

TEST(Output, ThatIsFullEndsWithOneAndSaysSo) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  for (const auto& arguments : kPrinting) {
    Command started = command(arguments);
    started.descriptors[1] = full;
    const Finished finished = run(started);
    EXPECT_EQ(status(finished), 1);
    EXPECT_EQ(finished.error, "sockopt: standard output: No space left on device\n");
  }
  close(full);
}

TEST(Output, ThatIsClosedEndsWithOneAndSaysSo) {
  for (const auto& arguments : kPrinting) {
    Command started = command(arguments);
    started.descriptors[1] = Command::kClosed;
    const Finished finished = run(started);
    EXPECT_EQ(status(finished), 1);
    EXPECT_EQ(finished.error, "sockopt: standard output: Bad file descriptor\n");
  }
}

TEST(Output, WithoutAReaderEndsWithOneAndNoSignal) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  for (const auto& arguments : kPrinting) {
    Command started = command(arguments);
    started.descriptors[1] = ends[1];
    const Finished finished = run(started);
    EXPECT_EQ(status(finished), 1);
    EXPECT_EQ(finished.error, "");
  }
  close(ends[1]);
}

TEST(Output, ThatDoesNotBlockIsWaitedFor) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  ASSERT_GE(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
  Command started = command({"options", "--json"});
  started.descriptors[1] = ends[1];
  Process process(started);
  close(ends[1]);
  std::string text;
  ASSERT_TRUE(eventually(kPatience, [&] {
    char piece[1000];
    ssize_t size;
    while ((size = read(ends[0], piece, sizeof piece)) > 0) {
      text.append(piece, static_cast<std::size_t>(size));
    }
    return size == 0;
  }));
  close(ends[0]);
  ASSERT_TRUE(process.wait());
  EXPECT_EQ(process.wait()->status, 0);
  EXPECT_EQ(text, sockopt({"options", "--json"}).output);
}

TEST(Output, OfErrorsMayBeClosed) {
  Command started = command({"check", "/nonexistent"});
  started.descriptors[2] = Command::kClosed;
  EXPECT_EQ(status(run(started)), 2);
  started = command({"nonsense"});
  started.descriptors = {{0, Command::kClosed}, {1, Command::kClosed}, {2, Command::kClosed}};
  EXPECT_EQ(status(run(started)), 2);
}

}  // namespace
}  // namespace sockopt::test
