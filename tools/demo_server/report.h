// SPDX-License-Identifier: MIT
//
// What the kernel holds for a socket, as JSON.

#pragma once

#include <sys/socket.h>

#include <string>

namespace demo {

// All options of the table in report.cc; null where the kernel does not give one.
std::string options_json(int fd);

// {"fd":…,"family":…,"address":…,"port":…,"options":{…}}
std::string listener_json(int fd);

// 127.0.0.1:80 or [::1]:80
std::string endpoint_text(const sockaddr_storage& address);

}  // namespace demo
