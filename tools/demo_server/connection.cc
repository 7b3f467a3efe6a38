// SPDX-License-Identifier: MIT
//
// Echoes lines; answers "options" and "quit".

#include "connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>

#include "report.h"

namespace demo {
namespace {

constexpr std::size_t kLongestLine = 1 << 16;  // a client that sends more without \n is let go

}  // namespace

void Connection::receive() {
  char buffer[4096];
  const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
  if (got < 0) {
    broken_ = errno != EINTR && errno != EAGAIN;
    return;
  }
  input_.append(buffer, static_cast<std::size_t>(got));
  for (std::size_t end; !ended_ && (end = input_.find('\n')) != input_.npos;) {
    answer(input_.substr(0, end + 1));
    input_.erase(0, end + 1);
  }
  if (got == 0) {  // a last line may lack its \n
    ended_ = true;
    output_ += input_;
  }
  if (input_.size() > kLongestLine) broken_ = true;
  if (!output_.empty()) transmit();
}

void Connection::answer(const std::string& line) {
  const std::string_view word = std::string_view(line).substr(0, line.find_last_not_of("\r\n") + 1);
  if (word == "quit") {
    ended_ = true;
  } else {
    output_ += word == "options" ? options_json(fd_) + '\n' : line;
  }
}

void Connection::transmit() {
  const ssize_t sent = send(fd_, output_.data(), output_.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    output_.erase(0, static_cast<std::size_t>(sent));
  } else {
    broken_ = errno != EINTR && errno != EAGAIN;
  }
}

}  // namespace demo
