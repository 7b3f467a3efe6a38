// SPDX-License-Identifier: MIT
//
// A configuration that is changed while it is read: what comes of it is a whole file as somebody
// wrote it, or a refusal with its reason, and never a wait, a mixture or a descriptor left open.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "shim/config/file.h"
#include "tests/support/eventually.h"
#include "tests/support/open_descriptors.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

constexpr int kReads = 3'000;

class ChangingFile : public testing::Test {
 protected:
  using Outcomes = std::map<std::string, int>;

  // Reads over and over while another thread makes changes, and until enough has been seen; what
  // each time came of it, counted.
  template <typename Change, typename Enough>
  Outcomes read_while(Change&& change, Enough&& enough) {
    const std::size_t before = open_descriptors();
    std::atomic<bool> done = false;
    std::thread writer([&] {
      for (int i = 0; !done; ++i) change(i);
    });
    Outcomes outcomes;
    int reads = 0;
    eventually(kPatience, [&] {
      for (int i = 0; i < 100; ++i) ++outcomes[outcome()];
      reads += 100;
      return reads >= kReads && enough(outcomes);
    });
    done = true;
    writer.join();
    EXPECT_EQ(open_descriptors(), before);
    return outcomes;
  }

  std::string outcome() const {
    FileContent content;
    TextOf<256> error;
    const FileStatus status = content.read(path_.c_str(), geteuid(), error);
    if (status == FileStatus::kRead) return std::string(content.text());
    return status == FileStatus::kMissing ? "missing" : "refused: " + std::string(error.view());
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "sockopt.ini";
};

TEST_F(ChangingFile, IsOneOrTheOtherOrWhatTheOtherIsNot) {
  const std::string first(5'000, 'a');
  const std::string second(70'000, 'b');
  const auto fifo = directory_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const auto huge = directory_.write("huge", "");
  ASSERT_EQ(truncate(huge.c_str(), 1L << 30), 0);
  const std::vector<std::filesystem::path> places = {
      directory_.write("first", first),
      fifo,
      directory_.write("second", second),
      directory_.path(),
      directory_.write("open", "c", 0666),
      "/dev/zero",
      huge,
      directory_ / "nothing",
  };
  const std::filesystem::path next = directory_ / "next";
  const std::set<std::string> expected = {
      first,
      second,
      "missing",
      "refused: is a FIFO, not a regular file",
      "refused: is a directory, not a regular file",
      "refused: is a device, not a regular file",
      "refused: is larger than 1 MiB",
      "refused: can be written by anyone (chmod go-w)",
  };
  const auto outcomes = read_while(
      [&](int i) {
        const std::filesystem::path& place = places[static_cast<std::size_t>(i) % places.size()];
        // Each time as a link, and files every other time as themselves.
        if (place.parent_path() == directory_.path() && i / 8 % 2 == 0 &&
            access(place.c_str(), F_OK) == 0) {
          std::filesystem::create_hard_link(place, next);
        } else {
          std::filesystem::create_symlink(place, next);
        }
        if (i % 3 == 0) std::filesystem::remove(path_);
        std::filesystem::rename(next, path_);
      },
      [&](const Outcomes& seen) { return seen.size() == expected.size(); });
  for (const auto& [outcome, count] : outcomes) {
    EXPECT_TRUE(expected.contains(outcome)) << outcome.substr(0, 100);
  }
  for (const std::string& outcome : expected) {
    EXPECT_TRUE(outcomes.contains(outcome)) << "never seen: " << outcome.substr(0, 100);
  }
}

// Editors that write into the file itself show it half done to whoever reads it then.
TEST_F(ChangingFile, WrittenInPlaceIsABeginningOfIt) {
  std::string whole;
  for (int i = 0; i < 2'000; ++i) whole += "line " + std::to_string(i) + "\n";
  directory_.write("sockopt.ini", whole);
  const auto change = [&](int i) {
    const int fd = open(path_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    const std::size_t step = 512U << (i % 6);
    for (std::size_t at = 0; at < whole.size(); at += step) {
      const std::size_t size = std::min(step, whole.size() - at);
      EXPECT_EQ(write(fd, whole.data() + at, size), static_cast<ssize_t>(size));
    }
    close(fd);
  };
  const auto seen_half = [&](const Outcomes& seen) { return seen.size() > 2; };
  const auto outcomes = read_while(change, seen_half);
  EXPECT_TRUE(seen_half(outcomes));
  for (const auto& [text, count] : outcomes) EXPECT_TRUE(whole.starts_with(text)) << text;
}

TEST_F(ChangingFile, ModesAndOwnersAreThoseOfTheFileThatIsRead) {
  // Written by anyone and readable in turns: what is read was not writable when it was opened.
  const std::string good = "good";
  const std::string bad = "bad!";
  const auto change = [&](int i) {
    const auto next = directory_.write("next", i % 2 == 0 ? good : bad, i % 2 == 0 ? 0644 : 0666);
    std::filesystem::rename(next, path_);
  };
  const auto outcomes =
      read_while(change, [&](const Outcomes& seen) { return seen.contains(good); });
  for (const auto& [outcome, count] : outcomes) {
    EXPECT_TRUE(outcome == good || outcome == "missing" || outcome.starts_with("refused: can be"))
        << outcome;
  }
  EXPECT_EQ(outcomes.count(bad), 0U);
}

}  // namespace
}  // namespace sockopt::test
