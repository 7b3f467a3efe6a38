// SPDX-License-Identifier: MIT
//
// The peer of a server under test: a plain blocking socket, each call of which has a time limit, so
// that a server that hangs fails a test instead of holding it up. Every fault is an exception,
// which GoogleTest reports with its text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/eventually.h"

namespace sockopt::test {

class TcpClient {
 public:
  // `address` is a number of either family: 127.0.0.1, ::1.
  TcpClient(const std::string& address, std::uint16_t port, Milliseconds limit = kPatience);
  ~TcpClient();
  TcpClient(TcpClient&& other) noexcept;
  TcpClient& operator=(TcpClient&& other) noexcept;

  void send(std::string_view text);

  // As much as comes in one piece; empty at the end of the stream.
  std::string receive();
  // Up to and including the delimiter; what comes behind it stays for the next call.
  std::string receive_until(std::string_view delimiter);
  std::string receive_exactly(std::size_t size);
  std::string receive_all();

  int fd() const { return fd_; }
  std::uint16_t local_port() const;
  void finish_sending();
  void close();

 private:
  bool fill();

  int fd_ = -1;
  std::string buffer_;
};

// Whether anybody listens there.
bool accepts_connections(const std::string& address, std::uint16_t port);

// A port that nobody uses now. Somebody may take it before the server does: be ready to try
// another one.
std::uint16_t free_port(const std::string& address = "127.0.0.1");

}  // namespace sockopt::test
