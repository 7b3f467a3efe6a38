// SPDX-License-Identifier: MIT
//
// A configuration that changes, vanishes and is replaced by other things while programs start: each
// program runs to its end with the settings of one version of the file or with none, and says
// nothing but why a file was refused.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <regex>
#include <set>
#include <thread>

#include "tests/support/requirements.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

constexpr int kStarts = 150;
const Script kReadingTwo =
    "socket s inet; get s TCP_KEEPIDLE; get s TCP_KEEPINTVL; open-descriptors";

class ChangingConfiguration : public ::testing::Test {
 protected:
  // Starts programs while another thread changes the file; the values that they found.
  template <typename Change>
  std::set<std::string> start_while(Change&& change) {
    std::atomic<bool> done = false;
    std::thread writer([&] {
      for (int i = 0; !done; ++i) change(i);
    });
    std::set<std::string> found;
    for (int i = 0; i < kStarts; ++i) {
      const Played with = play(kReadingTwo, shim_environment({{"SOCKOPT_CONFIG", path_}}));
      EXPECT_EQ(with.result("open-descriptors"), "0 1 2 3");
      found.insert(with.result("get s TCP_KEEPIDLE") + "/" + with.result("get s TCP_KEEPINTVL"));
      if (!with.error().empty()) said_.insert(with.error());
    }
    done = true;
    writer.join();
    return found;
  }

  std::filesystem::path version(const std::string& name, const std::string& idle,
                                const std::string& interval, mode_t mode = 0644) const {
    // What is between the two settings makes it likely to be met half written.
    return directory_.write(name,
                            "[sockopt]\nkeepidle = " + idle + "\n" + std::string(20'000, '\n') +
                                "keepintvl = " + interval + "\n",
                            mode);
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "sockopt.ini";
  std::set<std::string> said_;
  // What a program reads that no setting reaches.
  const Played plain_ = play_plainly(kReadingTwo);
  const std::string idle_ = plain_.result("get s TCP_KEEPIDLE");
  const std::string interval_ = plain_.result("get s TCP_KEEPINTVL");
};

TEST_F(ChangingConfiguration, RenamedIntoPlaceIsOneVersionOrTheOther) {
  version("sockopt.ini", "61s", "11s");
  const auto found = start_while([&](int i) {
    const auto next = i % 2 == 0 ? version("next", "62s", "12s") : version("next", "61s", "11s");
    std::filesystem::rename(next, path_);
  });
  for (const std::string& values : found) EXPECT_TRUE(values == "61/11" || values == "62/12");
  EXPECT_EQ(said_, std::set<std::string>());
}

TEST_F(ChangingConfiguration, ReplacedByLinksAndOtherThingsIsAVersionOrRefused) {
  const auto fifo = directory_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::vector<std::filesystem::path> places = {
      version("first", "61s", "11s"),
      fifo,
      version("open", "99s", "99s", 0666),
      version("second", "62s", "12s"),
      directory_.path(),
      directory_ / "nothing",
      "/dev/zero",
  };
  const auto next = directory_ / "next";
  const auto found = start_while([&](int i) {
    std::filesystem::create_symlink(places[static_cast<std::size_t>(i) % places.size()], next);
    if (i % 5 == 0) std::filesystem::remove(path_);
    std::filesystem::rename(next, path_);
  });
  for (const std::string& values : found) {
    EXPECT_TRUE(values == "61/11" || values == "62/12" || values == idle_ + '/' + interval_)
        << values;
  }
  EXPECT_TRUE(found.contains("61/11") || found.contains("62/12"));
  const std::regex refused(
      R"(sockopt\[\d+\]: \S+/sockopt\.ini: ((there is no such file; .*)|(not read: it )"
      R"((is a (FIFO|directory|device), not a regular file|can be written by anyone \(chmod go-w\))))\n)");
  for (const std::string& error : said_) EXPECT_TRUE(std::regex_match(error, refused)) << error;
}

// The path may lead elsewhere by the time that it is opened. strace makes that time long enough.
TEST_F(ChangingConfiguration, BetweenTheLookAndTheOpeningNothingCanBePutInItsPlace) {
  SOCKOPT_NEEDS_STRACE();
  constexpr int kStartsEach = 8;
  const auto good = version("good", "61s", "11s");
  const auto fifo = directory_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const auto next = directory_ / "next";
  for (const auto& other : {fifo, version("open", "99s", "99s", 0666)}) {
    std::atomic<bool> done = false;
    std::thread writer([&] {
      for (int i = 0; !done; ++i) {
        std::filesystem::create_symlink(i % 2 == 0 ? good : other, next);
        std::filesystem::rename(next, path_);
        eventually(Milliseconds{10}, [&] { return done.load(); });
      }
    });
    for (int i = 0; i < kStartsEach; ++i) {
      Command command = actor(kReadingTwo, shim_environment({{"SOCKOPT_CONFIG", path_}}));
      command.argv.insert(command.argv.begin(),
                          {"strace", "-o", "/dev/null", "-P", path_, "-e", "trace=newfstatat", "-e",
                           "inject=newfstatat:delay_exit=150000"});
      const Played with = play(command);
      const std::string idle = with.result("get s TCP_KEEPIDLE");
      EXPECT_TRUE(idle == "61" || idle == idle_) << idle;
      // strace speaks there as well.
      EXPECT_EQ(idle == "61" ? 0 : 1, occurrences(with.error(), "sockopt[")) << with.error();
    }
    done = true;
    writer.join();
  }
}

// Half a file is half of its settings, and a line that is cut is reported. That is what a program
// gets whose administrator does not rename files into place.
TEST_F(ChangingConfiguration, WrittenInPlaceIsNoHarm) {
  version("sockopt.ini", "61s", "11s");
  const auto found = start_while([&](int i) {
    if (i % 3 == 0) {
      EXPECT_EQ(truncate(path_.c_str(), i % 30), 0);
    } else {
      version("sockopt.ini", "61s", "11s");
    }
  });
  for (const std::string& values : found) {
    EXPECT_TRUE(values == "61/11" || values == "61/" + interval_ || values == "6/" + interval_ ||
                values == idle_ + "/" + interval_)
        << values;
  }
}

}  // namespace
}  // namespace sockopt::test
