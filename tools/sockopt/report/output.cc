// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/output.h"

#include <poll.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iterator>
#include <system_error>
#include <vector>

#include "tools/sockopt/report/exit_status.h"
#include "tools/sockopt/report/terminal.h"

namespace sockopt {
namespace {

// The signals of a failed write are ignored while we write and what they were before again after
// that: `run` hands them on to the program.
class WriteSignalsIgnored {
 public:
  WriteSignalsIgnored() {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &pipe_);
    ::sigaction(SIGXFSZ, &ignore, &file_size_);
  }
  ~WriteSignalsIgnored() {
    ::sigaction(SIGPIPE, &pipe_, nullptr);
    ::sigaction(SIGXFSZ, &file_size_, nullptr);
  }
  WriteSignalsIgnored(const WriteSignalsIgnored&) = delete;
  WriteSignalsIgnored& operator=(const WriteSignalsIgnored&) = delete;

 private:
  struct sigaction pipe_ = {};
  struct sigaction file_size_ = {};
};

// 0, or the errno that stopped it.
int write_all(int fd, std::string_view text) {
  const WriteSignalsIgnored ignored;
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

void say(std::string_view line) { write_all(STDERR_FILENO, fmt::format("sockopt: {}\n", line)); }

}  // namespace

void Output::append(fmt::string_view format, fmt::format_args values) {
  fmt::vformat_to(std::back_inserter(text_), format, values);
}

bool Output::write_if_much() {
  constexpr std::size_t kMuch = 1 << 18;
  return error_ == 0 && text_.size() < kMuch ? true : flush();
}

bool Output::flush() {
  if (error_ == 0) error_ = write_all(fd_, text_);
  text_.clear();
  written_ = true;
  return error_ == 0;
}

int Output::finish(int status) {
  if (text_.empty() && !written_) return status;
  int error = error_ == 0 ? write_all(fd_, text_) : error_;
  text_.clear();
  // Some file systems tell only at the end that the disk is full.
  if (::close(fd_) != 0 && error == 0 && errno != EINTR) error = errno;
  if (error == 0) return status;
  // A reader that has seen enough (`| head`) knows that it left; everybody else is told.
  const bool standard = fd_ == STDOUT_FILENO;
  if (error != EPIPE) {
    complain(standard ? "standard output" : "output", std::generic_category().message(error));
  }
  write_all(STDERR_FILENO, kept_);
  return kFault;
}

void complain(std::string_view what, std::string_view why) {
  say(fmt::format("{}: {}", printable(what), printable(why)));
}

void warn(std::string_view what, std::string_view why) {
  const Style style = Style::of(STDERR_FILENO);
  say(fmt::format("{} {}: {}", style.yellow("warning:"), printable(what), printable(why)));
}

void hint(std::string_view line) { write_all(STDERR_FILENO, fmt::format("{}\n", printable(line))); }

std::string printable(std::string_view outside, std::size_t limit) {
  std::string text;
  for (const char c : outside.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", byte);
    }
  }
  if (outside.size() > limit) text += "...";
  return text;
}

std::string joined(std::span<const std::string> words, std::string_view between) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  return joined(views, between);
}

std::string joined(std::span<const std::string_view> words, std::string_view between) {
  std::string text;
  for (const std::string_view& word : words) {
    text.append(&word == words.data() ? "" : between).append(word);
  }
  return text;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : noun.ends_with('s') ? "es" : "s");
}

std::string host_name() {
  utsname system = {};
  return ::uname(&system) == 0 ? printable(system.nodename) : std::string();
}

}  // namespace sockopt
