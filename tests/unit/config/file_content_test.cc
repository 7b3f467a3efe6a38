// SPDX-License-Identifier: MIT
//
// The path of a configuration may lead to anything.  Whatever it is, reading it neither blocks nor
// opens what has effects of its own, keeps no descriptor, and says what was found.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "shim/config/file.h"
#include "tests/support/open_descriptors.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/users.h"

namespace sockopt::test {
namespace {

struct Outcome {
  FileStatus status;
  std::string text;
  std::string error;
};

Outcome read_as(const std::filesystem::path& path, uid_t uid) {
  FileContent content;
  TextOf<256> error;
  const std::size_t before = open_descriptors();
  const FileStatus status = content.read(path.c_str(), uid, error);
  EXPECT_EQ(open_descriptors(), before);
  if (status != FileStatus::kRead) {
    EXPECT_EQ(content.text(), "");
  }
  EXPECT_EQ(error.empty(), status != FileStatus::kRefused) << error.view();
  return {status, std::string(content.text()), std::string(error.view())};
}

// What reading says; empty where the file was read.
std::string refusal(const std::filesystem::path& path) {
  const Outcome outcome = read_as(path, geteuid());
  EXPECT_EQ(outcome.status, FileStatus::kRefused);
  return outcome.error;
}

FileStatus status_of(const std::filesystem::path& path) { return read_as(path, geteuid()).status; }

class FileContentTest : public testing::Test {
 protected:
  std::filesystem::path sized(std::size_t bytes) const {
    const std::filesystem::path path = directory_.write("sized", "");
    EXPECT_EQ(truncate(path.c_str(), static_cast<off_t>(bytes)), 0);
    return path;
  }

  TemporaryDirectory directory_;
};

TEST_F(FileContentTest, IsReadToTheLastByte) {
  const std::string text("[sockopt]\nkeepalive = on\n\0\xff", 26);
  const Outcome outcome = read_as(directory_.write("plain", text), geteuid());
  EXPECT_EQ(outcome.status, FileStatus::kRead);
  EXPECT_EQ(outcome.text, text);
}

// A line of a comment is empty: where it begins in the first column, wherever it lies in the pieces
// that are read, and whatever ends it.
TEST_F(FileContentTest, LinesOfCommentsAreEmpty) {
  const auto text_of = [this](const std::string& text) {
    return read_as(directory_.write("commented", text), geteuid()).text;
  };
  EXPECT_EQ(text_of("# a\n[sockopt]\r\n; b\r\nttl = 9 # c\n  # d\n\n#\n"),
            "\n[sockopt]\r\n\nttl = 9 # c\n  # d\n\n\n");
  EXPECT_EQ(text_of("\xef\xbb\xbf# a\nx\n"), "\xef\xbb\xbf# a\nx\n");
  EXPECT_EQ(text_of("x\n# without an end"), "x\n# without an end");
  const std::string nul("#\0\n", 3);
  EXPECT_EQ(text_of(nul + "# a\n"), nul + "\n");

  std::string text;
  std::string expected;
  for (std::size_t i = 0; i < 1'500; ++i) {
    const std::string line = "line " + std::to_string(i) + std::string(i * 7 % 40, '-');
    text += (i % 3 == 0 ? "" : i % 3 == 1 ? ";" : "#") + line + "\n";
    expected += (i % 3 == 0 ? line : "") + "\n";
    if (i % 250 == 249) {
      EXPECT_EQ(text_of(text), expected) << i;
    }
  }
}

TEST_F(FileContentTest, MayBeEmpty) {
  EXPECT_EQ(status_of(directory_.write("empty", "")), FileStatus::kRead);
}

TEST_F(FileContentTest, MissingIsNoFault) {
  EXPECT_EQ(status_of(directory_ / "nothing"), FileStatus::kMissing);
  EXPECT_EQ(status_of(directory_ / "nothing/below"), FileStatus::kMissing);
  EXPECT_EQ(status_of(directory_.write("file", "") / "below"), FileStatus::kMissing);
  EXPECT_EQ(status_of(""), FileStatus::kMissing);
}

TEST_F(FileContentTest, OneMebibyteAndNotAByteMore) {
  const Outcome largest = read_as(sized(kMaxConfigurationBytes), geteuid());
  EXPECT_EQ(largest.status, FileStatus::kRead);
  EXPECT_EQ(largest.text.size(), kMaxConfigurationBytes);
  EXPECT_EQ(refusal(sized(kMaxConfigurationBytes + 1)), "is larger than 1 MiB");
  EXPECT_EQ(refusal(sized(std::size_t{1} << 30)), "is larger than 1 MiB");
}

TEST_F(FileContentTest, ADirectory) {
  EXPECT_EQ(refusal(directory_.path()), "is a directory, not a regular file");
}

TEST_F(FileContentTest, AFifoThatNobodyWrites) {
  const std::filesystem::path path = directory_ / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(refusal(path), "is a FIFO, not a regular file");
}

TEST_F(FileContentTest, ADevice) {
  EXPECT_EQ(refusal("/dev/zero"), "is a device, not a regular file");
  EXPECT_EQ(refusal("/dev/null"), "is a device, not a regular file");
}

TEST_F(FileContentTest, ASocket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_ / "socket";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(refusal(path), "is a socket, not a regular file");
  close(fd);
}

TEST_F(FileContentTest, ALinkIsWhatItLeadsTo) {
  const std::filesystem::path target = directory_.write("target", "text");
  const auto link = [this](const char* name, const std::filesystem::path& to) {
    std::filesystem::create_symlink(to, directory_ / name);
    return directory_ / name;
  };
  EXPECT_EQ(read_as(link("good", target), geteuid()).text, "text");
  EXPECT_EQ(refusal(link("device", "/dev/zero")), "is a device, not a regular file");
  EXPECT_EQ(status_of(link("dangling", directory_ / "nothing")), FileStatus::kMissing);
  EXPECT_EQ(refusal(link("loop", directory_ / "loop")), "cannot be examined: error 40");
  chmod(target.c_str(), 0666);
  EXPECT_EQ(refusal(directory_ / "good"), "can be written by anyone (chmod go-w)");
}

TEST_F(FileContentTest, WhatOthersCanWriteIsRefused) {
  EXPECT_EQ(refusal(directory_.write("a", "", 0664)), "can be written by its group (chmod go-w)");
  EXPECT_EQ(refusal(directory_.write("b", "", 0646)), "can be written by anyone (chmod go-w)");
}

TEST_F(FileContentTest, WhatOthersOwnIsRefused) {
  const std::filesystem::path path = directory_.write("file", "");
  uid_t reader = geteuid();
  if (reader == 0) {
    ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
  } else {
    ++reader;
  }
  const Outcome outcome = read_as(path, reader);
  EXPECT_EQ(outcome.status, FileStatus::kRefused);
  EXPECT_EQ(outcome.error.find("is owned by user "), 0U) << outcome.error;
}

TEST_F(FileContentTest, ANameOfAnyLength) {
  EXPECT_EQ(refusal(directory_ / std::string(5000, 'x')), "cannot be examined: error 36");
}

// Reads in a process without privileges, which is the parent's own where it has none; the answer
// comes through a pipe.
std::string refusal_without_privileges(const std::filesystem::path& path) {
  if (geteuid() != 0) return refusal(path);
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    FileContent content;
    TextOf<256> error;
    if (setresuid(kNobody, kNobody, kNobody) != 0) _exit(1);
    const FileStatus status = content.read(path.c_str(), kNobody, error);
    if (status != FileStatus::kRefused) _exit(2);
    const auto size = static_cast<ssize_t>(error.view().size());
    _exit(write(ends[1], error.view().data(), error.view().size()) == size ? 0 : 3);
  }
  close(ends[1]);
  char buffer[256];
  const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return {buffer, static_cast<std::size_t>(size < 0 ? 0 : size)};
}

TEST_F(FileContentTest, WhatCannotBeReadIsNotMissing) {
  EXPECT_EQ(refusal_without_privileges(directory_.write("secret", "", 0)),
            "cannot be opened: permission denied");
  const std::filesystem::path hidden = directory_.write("hidden/file", "");
  chmod(hidden.parent_path().c_str(), 0);
  EXPECT_EQ(refusal_without_privileges(hidden), "cannot be examined: permission denied");
  chmod(hidden.parent_path().c_str(), 0700);
}

}  // namespace
}  // namespace sockopt::test
