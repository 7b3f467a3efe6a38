// SPDX-License-Identifier: MIT
#include "tests/support/terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace sockopt::test {
namespace {

class Terminal {
 public:
  explicit Terminal(int columns) {
    winsize size = {};
    size.ws_row = 25;
    size.ws_col = static_cast<unsigned short>(columns);
    if (openpty(&ours_, &theirs_, nullptr, nullptr, &size) != 0) return;
    fcntl(ours_, F_SETFD, FD_CLOEXEC);
    fcntl(theirs_, F_SETFD, FD_CLOEXEC);
  }
  ~Terminal() {
    close(ours_);
    if (theirs_ >= 0) close(theirs_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // What the command shows on it; the newlines are the command's own.
  std::string show(const std::vector<std::string>& arguments, Environment variables = {}) {
    variables.emplace("TERM", "xterm");
    Command started = command(arguments, variables);
    started.descriptors[1] = theirs_;
    started.descriptors[2] = theirs_;
    Process process(started);
    close(std::exchange(theirs_, -1));
    std::string text;
    char piece[4096];
    ssize_t size;  // EIO once the command has ended
    while ((size = read(ours_, piece, sizeof piece)) > 0) {
      text.append(piece, static_cast<std::size_t>(size));
    }
    process.wait();
    std::erase(text, '\r');
    return text;
  }

 private:
  int ours_ = -1;
  int theirs_ = -1;
};

}  // namespace

std::string on_terminal(int columns, const std::vector<std::string>& arguments,
                        const Environment& variables) {
  return Terminal(columns).show(arguments, variables);
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string line = text.substr(from, end - from);
    const auto continued = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;  // of a character of UTF-8
    });
    widest = std::max(widest, line.size() - static_cast<std::size_t>(continued));
    from = end + 1;
  }
  return widest;
}

}  // namespace sockopt::test
