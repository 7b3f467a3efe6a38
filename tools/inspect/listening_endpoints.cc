// SPDX-License-Identifier: MIT
//
// Where the kernel cannot be asked, or the namespace not be entered, the
// files of /proc tell. They list all listeners before the first connection (Linux:
// Documentation/networking/proc_net_tcp.rst), so that little of them is read however many
// connections there are.
#include "tools/inspect/listening_endpoints.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <system_error>

#include "tools/inspect/listener_dump.h"
#include "tools/inspect/network_namespace.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

constexpr int kHexadecimal = 16;
constexpr std::string_view kListen = "0A";

template <typename Number>
bool read_hex(std::string_view text, Number& number) {
  const auto [rest, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, kHexadecimal);
  return error == std::errc{} && rest == text.data() + text.size();
}

std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

// `0100007F:1F90`: words of 32 bits in the machine's own order, then the port.
Endpoint parse_endpoint(std::string_view text) {
  constexpr std::size_t kDigits = 8;
  Endpoint endpoint;
  const std::size_t colon = text.find(':');
  if (colon != kDigits && colon != 4 * kDigits) return {};
  for (std::size_t at = 0; at < colon; at += kDigits) {
    std::uint32_t word = 0;
    if (!read_hex(text.substr(at, kDigits), word)) return {};
    std::memcpy(endpoint.address.data() + at / 2, &word, sizeof word);
  }
  if (!read_hex(text.substr(colon + 1), endpoint.port)) return {};
  endpoint.family = colon == kDigits ? AF_INET : AF_INET6;
  return endpoint;
}

// Calls `visit` with each line, until it says that it has seen enough.
template <typename Visit>
void each_line(int fd, Visit visit) {
  std::string text;
  char piece[4096];
  for (ssize_t size; (size = ::read(fd, piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(size));
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
      if (!visit(std::string_view(text).substr(begin, end - begin))) return;
    }
    text.erase(0, begin);
  }
}

}  // namespace

Endpoint parse_listening(std::string_view line) {
  next_word(line);  // its number
  const std::string_view local = next_word(line);
  next_word(line);
  return next_word(line) == kListen ? parse_endpoint(local) : Endpoint();
}

std::vector<Endpoint> listening_endpoints(const ForeignProcess& process) {
  std::optional<std::vector<DumpedListener>> dumped;
  in_network_namespace(process, [&] { dumped = dump_listeners(); });
  if (!dumped) return listed_endpoints(process);
  std::vector<Endpoint> all;
  for (const DumpedListener& one : *dumped) all.push_back(one.local);
  return all;
}

std::vector<Endpoint> listed_endpoints(const ForeignProcess& process) {
  std::vector<Endpoint> all;
  for (const char* name : {"net/tcp", "net/tcp6"}) {
    const UniqueFd file(openat(process.directory(), name, O_RDONLY | O_CLOEXEC));
    if (!file) continue;
    bool heading = true;
    each_line(file.get(), [&](std::string_view line) {
      if (std::exchange(heading, false)) return true;
      const Endpoint endpoint = parse_listening(line);
      if (endpoint.exists()) all.push_back(endpoint);
      return endpoint.exists();
    });
  }
  return all;
}

}  // namespace sockopt
