// SPDX-License-Identifier: MIT
//
// The words of a script and the constants of <sys/socket.h> that they stand for. The numbers are
// those of the headers, or written here; never the option table's, which is what is tested.
#pragma once

#include <sys/socket.h>

#include <string>

namespace actor {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

struct OptionName {
  int level;
  int name;
};

[[noreturn]] void fail(const std::string& message);

int number(const std::string& text);
int family_of(const std::string& word);
/// stream|cloexec|nonblock
int type_of(const std::string& words);
int protocol_of(const std::string& word);
int signal_of(const std::string& word);
/// TCP_KEEPIDLE; of one that is not listed LEVEL:NAME, in numbers.
OptionName option_of(const std::string& word);
/// 127.0.0.1, ::1, 192.0.2.1:80, unix:/path, unix:@abstract, vsock, netlink
Address address_of(std::string text);

std::string errno_name(int error);
/// Four bytes as a number, others as `hex:0102`.
std::string value_text(const unsigned char* bytes, std::size_t size);

}  // namespace actor
