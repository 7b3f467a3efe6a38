// SPDX-License-Identifier: MIT
//
// Between fork and exec only what is safe after fork in a threaded program is called: everything
// that the child needs is laid out before.
#include "tests/support/process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace sockopt::test {
namespace {

std::string find_program(const std::string& name, const Environment& environment) {
  if (name.find('/') != std::string::npos) return name;
  const auto path = environment.find("PATH");
  std::string_view rest = "/usr/bin:/bin";
  if (path != environment.end()) rest = path->second;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    const auto candidate = std::filesystem::path(rest.substr(0, end)) / name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  throw std::runtime_error("not found in PATH: " + name);
}

int open_or_throw(const std::filesystem::path& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path.string());
  return fd;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// What a user is, looked up before the fork.
struct Identity {
  uid_t user;
  gid_t group;
  std::vector<gid_t> groups;
};

std::optional<Identity> identity(const std::string& name) {
  if (name.empty() || geteuid() != 0) return std::nullopt;
  const passwd* entry = getpwnam(name.c_str());
  if (entry == nullptr) throw std::runtime_error("no such user: " + name);
  Identity result{entry->pw_uid, entry->pw_gid, std::vector<gid_t>(64)};
  int count = static_cast<int>(result.groups.size());
  if (getgrouplist(name.c_str(), entry->pw_gid, result.groups.data(), &count) < 0) count = 0;
  result.groups.resize(static_cast<std::size_t>(count));
  return result;
}

bool become(const Identity& who) {
  return setgroups(who.groups.size(), who.groups.data()) == 0 && setgid(who.group) == 0 &&
         setuid(who.user) == 0;
}

constexpr char kPidPlaceholder[] = "000000000000";

}  // namespace

Process::Process(Command command) : name_(command.argv.at(0)), stop_signal_(command.stop_signal) {
  start(command);
}

void Process::start(const Command& command) {
  const std::string program = find_program(command.argv.at(0), command.environment);
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> variables;
  for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
  char* own_pid = nullptr;
  if (!command.pid_variable.empty()) {
    variables.push_back(command.pid_variable + "=" + kPidPlaceholder);
    own_pid = variables.back().data() + command.pid_variable.size() + 1;
  }
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(variables);
  const std::optional<Identity> who = identity(command.user);

  std::vector<int> opened;
  std::map<int, int> wanted = command.descriptors;
  const auto provide = [&](int number, const std::filesystem::path& path, int flags) {
    if (wanted.contains(number)) return;
    opened.push_back(open_or_throw(path, flags));
    wanted[number] = opened.back();
  };
  provide(0, "/dev/null", O_RDONLY);
  provide(1, files_ / "stdout", O_WRONLY | O_CREAT | O_APPEND);
  provide(2, files_ / "stderr", O_WRONLY | O_CREAT | O_APPEND);
  std::vector<std::pair<int, int>> placed(wanted.begin(), wanted.end());

  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    setpgid(0, 0);
    // Out of the way first, so that no number to be filled is also a source still to be read.
    int highest = report[1];
    for (const auto& [number, source] : placed) highest = std::max({highest, number, source});
    const int failure = fcntl(report[1], F_DUPFD_CLOEXEC, highest + 1);
    for (auto& [number, source] : placed) {
      if (source != Command::kClosed) source = fcntl(source, F_DUPFD_CLOEXEC, highest + 1);
    }
    // What whoever started the tests left open is not the program's.
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    for (const auto& [number, source] : placed) {
      if (source == Command::kClosed) {
        close(number);
      } else {
        dup2(source, number);
      }
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (own_pid != nullptr) {
      *std::to_chars(own_pid, own_pid + sizeof kPidPlaceholder - 1, getpid()).ptr = '\0';
    }
    const bool ready = (!who || become(*who)) &&
                       (command.directory.empty() || chdir(command.directory.c_str()) == 0);
    // A test that is killed takes its servers along. The change of user would clear it: after that.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (ready && getppid() == parent) execve(program.c_str(), argv.data(), envp.data());
    const int error = errno;
    [[maybe_unused]] const auto written = write(failure, &error, sizeof error);
    _exit(127);
  }
  const int fork_error = errno;
  close(report[1]);
  for (const int fd : opened) close(fd);
  int error = 0;
  const bool failed = pid_ < 0 || read(report[0], &error, sizeof error) > 0;
  close(report[0]);
  if (!failed) {
    pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    return;
  }
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
  throw std::system_error(pid_ < 0 ? fork_error : error, std::generic_category(), program);
}

Process::~Process() {
  stop();
  // Only now is its number free to be given to somebody else: until here the group that is named by
  // it could only be the one we started.
  waitpid(pid_, nullptr, 0);
  close(pidfd_);
}

bool Process::running() { return !wait(Milliseconds{0}); }

std::optional<Exit> Process::wait(Milliseconds limit) {
  if (exit_) return exit_;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  int ready;
  do {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ended{pidfd_, POLLIN, 0};
    ready = poll(&ended, 1, static_cast<int>(std::max(left, Milliseconds{0}).count()));
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return std::nullopt;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0) return std::nullopt;
  const bool exited = info.si_code == CLD_EXITED;
  exit_ = Exit{exited, exited ? info.si_status : 0, exited ? 0 : info.si_status};
  return exit_;
}

void Process::send_signal(int signal) { kill(pid_, signal); }

Exit Process::stop(Milliseconds limit) {
  if (running()) send_signal(stop_signal_);
  wait(limit);
  kill(-pid_, SIGKILL);  // what did not heed it, and workers that the master left behind
  return wait().value_or(Exit{});
}

Finished run(Command command, Milliseconds limit) {
  Process process(std::move(command));
  Finished finished;
  finished.exit = process.wait(limit);
  process.stop();
  finished.output = process.output();
  finished.error = process.error();
  return finished;
}

}  // namespace sockopt::test
