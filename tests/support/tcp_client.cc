// SPDX-License-Identifier: MIT
#include "tests/support/tcp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace sockopt::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address parse(const std::string& text, std::uint16_t port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
  } else if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
  } else {
    throw std::invalid_argument("not an address: " + text);
  }
  return address;
}

std::uint16_t bound_port(int fd) {
  Address address;
  address.size = sizeof address.storage;
  if (getsockname(fd, address.get(), &address.size) != 0) fail("getsockname");
  return ntohs(address.storage.ss_family == AF_INET6
                   ? reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port
                   : reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port);
}

}  // namespace

TcpClient::TcpClient(const std::string& address, std::uint16_t port, Milliseconds limit) {
  const Address peer = parse(address, port);
  fd_ = socket(peer.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) fail("socket");
  // SO_SNDTIMEO bounds connect as well.
  timeval time{};
  time.tv_sec = static_cast<time_t>(limit.count() / 1000);
  time.tv_usec = static_cast<suseconds_t>(limit.count() % 1000 * 1000);
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  if (connect(fd_, peer.get(), peer.size) != 0) {
    const int error = errno;
    close();
    errno = error;
    fail("connect to " + address + " port " + std::to_string(port));
  }
}

TcpClient::~TcpClient() { close(); }

TcpClient::TcpClient(TcpClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

TcpClient& TcpClient::operator=(TcpClient&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

void TcpClient::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool TcpClient::fill() {
  char piece[4096];
  const ssize_t got = recv(fd_, piece, sizeof piece, 0);
  if (got < 0) fail("receive, after \"" + buffer_ + "\"");
  buffer_.append(piece, static_cast<std::size_t>(got));
  return got > 0;
}

std::string TcpClient::receive() {
  if (buffer_.empty()) fill();
  return std::exchange(buffer_, {});
}

std::string TcpClient::receive_until(std::string_view delimiter) {
  std::size_t at;
  while ((at = buffer_.find(delimiter)) == std::string::npos) {
    if (!fill()) throw std::runtime_error("stream ended after \"" + buffer_ + "\"");
  }
  std::string result = buffer_.substr(0, at + delimiter.size());
  buffer_.erase(0, result.size());
  return result;
}

std::string TcpClient::receive_exactly(std::size_t size) {
  while (buffer_.size() < size) {
    if (!fill()) throw std::runtime_error("stream ended after \"" + buffer_ + "\"");
  }
  std::string result = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return result;
}

std::string TcpClient::receive_all() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

std::uint16_t TcpClient::local_port() const { return bound_port(fd_); }

void TcpClient::finish_sending() { shutdown(fd_, SHUT_WR); }

void TcpClient::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool accepts_connections(const std::string& address, std::uint16_t port) {
  try {
    TcpClient client(address, port);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

std::uint16_t free_port(const std::string& address) {
  const Address any = parse(address, 0);
  const int fd = socket(any.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, any.get(), any.size) != 0) fail("bind to " + address);
  const std::uint16_t port = bound_port(fd);
  ::close(fd);
  return port;
}

}  // namespace sockopt::test
