// SPDX-License-Identifier: MIT
//
// A program started by a test. It leads its own process group, writes into files instead of pipes
// (nobody has to read them for it to go on), and neither it nor its group outlives the object, nor
// the thread that made it.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/environment.h"
#include "tests/support/eventually.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked for in the PATH of `environment`
  Environment environment = plain_environment();
  std::filesystem::path directory{};  // where it runs; empty: where the test runs
  // Started as this user where the tests run as root; some servers refuse to be root.
  std::string user{};
  // Descriptors of the child by number: one of ours to duplicate there, or kClosed. Standard input
  // is /dev/null, output and error are files, unless named here.
  std::map<int, int> descriptors{};
  // A variable that is to hold the child's own process id, as LISTEN_PID does.
  std::string pid_variable{};
  int stop_signal = SIGTERM;  // the signal that asks it to end

  static constexpr int kClosed = -1;
};

struct Exit {
  bool exited = false;  // by itself; otherwise by `signal`
  int status = 0;
  int signal = 0;

  bool success() const { return exited && status == 0; }
};

class Process {
 public:
  // Returns when the program has been exec'ed; throws if it could not be.
  explicit Process(Command command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();

  // How it ended; nothing if it still runs when the limit has passed.
  std::optional<Exit> wait(Milliseconds limit = kPatience);

  void send_signal(int signal);

  // Asks it to end; after the limit, or once it has ended, ends what is left of its group.
  Exit stop(Milliseconds limit = kPatience);

  std::string output() const { return read_file(files_ / "stdout"); }
  std::string error() const { return read_file(files_ / "stderr"); }

 private:
  void start(const Command& command);

  TemporaryDirectory files_;
  std::string name_;
  int stop_signal_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<Exit> exit_;
};

struct Finished {
  std::optional<Exit> exit;  // nothing if it had to be ended
  std::string output;
  std::string error;

  bool success() const { return exit && exit->success(); }
};

// Runs a program to its end.
Finished run(Command command, Milliseconds limit = kPatience);

}  // namespace sockopt::test
