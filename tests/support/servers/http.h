// SPDX-License-Identifier: MIT
//
// As much of HTTP/1.1 as it takes to see that a server still serves.
#pragma once

#include <string>

#include "tests/support/tcp_client.h"

namespace sockopt::test {

struct HttpReply {
  int status = 0;
  std::string head;
  std::string body;
};

/// Asks for a path and reads the whole reply; the connection stays open if the server lets it.
HttpReply http_get(TcpClient& client, const std::string& path);

/// A request in two parts, for servers that close after the reply: the connection is held open
/// between them.
void http_begin(TcpClient& client, const std::string& path);
HttpReply http_finish(TcpClient& client);

}  // namespace sockopt::test
