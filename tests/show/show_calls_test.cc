// SPDX-License-Identifier: MIT
//
// What a socket costs in system calls, to the last one, and that nothing else grows with their
// number. Time is measured by tools/bench/show.sh.
#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "shim/options/table.h"
#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

using Calls = std::map<std::string, int>;

class ShowCost : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS("strace"); }

  static Calls calls(std::vector<std::string> arguments) {
    const TemporaryDirectory directory;
    arguments.insert(arguments.begin(), {"show", "-c", directory.write("empty.ini", "")});
    arguments.push_back(own_word());
    Command traced = command(std::move(arguments));
    traced.argv.insert(traced.argv.begin(),
                       {"strace", "-f", "-c", "-U", "calls,name", "-o", directory / "counts"});
    traced.environment["ASAN_OPTIONS"] = "detect_leaks=0";  // which cannot be done under ptrace
    EXPECT_EQ(status(run(traced)), 0);
    Calls counted;
    std::istringstream lines(read_file(directory / "counts"));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      int number = 0;
      std::string name;
      if (!(fields >> number >> name) || name == "total") continue;
      if (name == "fstat") name = "newfstatat";  // from glibc 2.39 on
      counted[name] += number;
    }
    return counted;
  }

  // What 100 accepted sockets and 100 clients more make of it, each.
  static std::map<std::string, double> for_each_socket(const std::vector<std::string>& arguments) {
    const Listener listener(200);
    const Connections some(listener, 50);
    Calls before = calls(arguments);
    const Connections more(listener, 100);
    Calls after = calls(arguments);
    // Other processes come and go, and each has a file that is read: a few calls more or less are
    // theirs, and no tenth of one for each socket.
    before["close"] -= before["openat"];
    after["close"] -= after["openat"];
    // Memory is taken, directories are read and output is written in large pieces.
    const std::set<std::string> in_pieces = {"brk",     "mmap",        "munmap",     "mremap",
                                             "madvise", "write",       "getdents64", "openat",
                                             "read",    "rt_sigaction"};
    std::map<std::string, double> each;
    for (const auto& [name, number] : after) {
      const int grown = number - before[name];
      if (in_pieces.contains(name)) {
        EXPECT_LT(grown, 60) << name;
      } else if (const double of_one = std::round(grown / 20.0) / 10; of_one != 0) {
        each[name] = of_one;
      }
    }
    return each;
  }
};

// Protocol, TCP_INFO, cookie and that of the namespace.
constexpr int kFacts = 4;
// keepalive with its three times, user_timeout, nodelay.
constexpr int kUsual = 6;

std::map<std::string, double> cost(int options) {
  return {{"readlinkat", 1},  {"pidfd_getfd", 1}, {"close", 1},           {"newfstatat", 1},
          {"getsockname", 1}, {"getpeername", 1}, {"getsockopt", options}};
}

TEST_F(ShowCost, OfASocketInTheTable) { EXPECT_EQ(for_each_socket({}), cost(kFacts + kUsual)); }

TEST_F(ShowCost, OfASocketWithAllOptions) {
  int of_ipv4 = 0;
  for (const Option& option : kOptions) {
    of_ipv4 += option.ipv4.exists() && option.kind != Kind::kBacklog;
  }
  int buffers = 0;  // of which it is also asked who sizes them
  for (const Option& option : kOptions) buffers += option.read_back == ReadBack::kDoubled;
  for (const char* form : {"--json", "--wide"}) {
    SCOPED_TRACE(form);
    EXPECT_EQ(for_each_socket({form}), cost(kFacts + of_ipv4 + buffers));
  }
}

// A connection that is only passed by is not read.
TEST_F(ShowCost, OfWhatIsNoSocket) {
  const Calls before = calls({});
  std::vector<UniqueFd> files;
  for (int i = 0; i < 200; ++i) files.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Calls after = calls({});
  EXPECT_EQ(after.at("readlinkat") - before.at("readlinkat"), 200);
  EXPECT_EQ(after.contains("pidfd_getfd"), before.contains("pidfd_getfd"));
}

}  // namespace
}  // namespace sockopt::test
