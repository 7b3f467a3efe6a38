// SPDX-License-Identifier: MIT
//
// One client, served line by line, over a blocking or a non-blocking socket.

#pragma once

#include <poll.h>
#include <unistd.h>

#include <string>

namespace demo {

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(fd_); }

  int fd() const { return fd_; }
  // Reads nothing while the peer does not take what it was sent.
  short wanted() const { return output_.empty() ? POLLIN : POLLOUT; }
  bool done() const { return broken_ || (ended_ && output_.empty()); }
  void step() { output_.empty() ? receive() : transmit(); }

 private:
  void receive();
  void answer(const std::string& line);
  void transmit();

  int fd_;
  bool ended_ = false;
  bool broken_ = false;
  std::string input_;
  std::string output_;
};

}  // namespace demo
