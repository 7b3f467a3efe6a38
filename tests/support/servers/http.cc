// SPDX-License-Identifier: MIT
#include "tests/support/servers/http.h"

#include <algorithm>
#include <stdexcept>

#include "shim/text/text.h"

namespace sockopt::test {
namespace {

std::string header(const std::string& head, const std::string& name) {
  std::string lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  const std::string start = "\r\n" + name + ":";
  const auto at = lower.find(start);
  if (at == std::string::npos) return {};
  const std::string rest = lower.substr(at + start.size());
  return std::string(trim(slice(rest, 0, rest.find("\r\n"))));
}

std::string chunked_body(TcpClient& client) {
  std::string body;
  for (;;) {
    const auto size = std::stoul(client.receive_until("\r\n"), nullptr, 16);
    body += client.receive_exactly(size);
    client.receive_until("\r\n");
    if (size == 0) return body;
  }
}

}  // namespace

void http_begin(TcpClient& client, const std::string& path) {
  client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\n");
}

HttpReply http_finish(TcpClient& client) {
  client.send("\r\n");
  HttpReply reply;
  reply.head = client.receive_until("\r\n\r\n");
  if (!reply.head.starts_with("HTTP/1.")) throw std::runtime_error("no HTTP: " + reply.head);
  reply.status = std::stoi(reply.head.substr(sizeof "HTTP/1.1 " - 1));
  if (reply.status == 204) return reply;
  const std::string length = header(reply.head, "content-length");
  if (!length.empty()) {
    reply.body = client.receive_exactly(std::stoul(length));
  } else if (header(reply.head, "transfer-encoding") == "chunked") {
    reply.body = chunked_body(client);
  } else {
    reply.body = client.receive_all();
  }
  return reply;
}

HttpReply http_get(TcpClient& client, const std::string& path) {
  http_begin(client, path);
  return http_finish(client);
}

}  // namespace sockopt::test
