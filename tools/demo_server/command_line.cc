// SPDX-License-Identifier: MIT
//
// The command line: every argument is checked, and combinations that make no sense are refused.

#include "command_line.h"

#include <getopt.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>

#include "process.h"

namespace demo {
namespace {

constexpr const char* kUsage = R"(usage: demo_server [OPTION]...
A TCP server that sets no socket options and tells which ones its sockets have.

Listeners:
  --family 4|6|both|dual   IPv4 (default), IPv6, one listener of each, or one IPv6 listener with
                           V6ONLY off (which IPv4 clients reach only with --any)
  --protocol tcp|mptcp     default tcp
  --any                    bind the wildcard address; default is loopback
  --port N                 default 0: chosen by the kernel, for each listener
  --backlog N              what listen is called with; default 5
  --inherited              serve the listeners of LISTEN_FDS (descriptors 3 and up) instead
  --inherit-fd N           serve the listening descriptor N instead; may be repeated
  --close-fds              at start, close every descriptor above 2 that is not to be served
Serving:
  --mode single|threads|fork   a poll loop on non-blocking sockets (default); threads that block in
                           accept, and one for each connection; processes that each run a poll loop
  --workers N              threads per listener, or processes; default 2
  --accept accept|accept4  default accept4, with SOCK_CLOEXEC
  --null-address           call it without a buffer for the peer's address
  --report                 print a line for each accepted connection
  --drain N                wait for a line on standard input, then accept N connections that are
                           queued by then, print how long that took, and exit
  --help                   this text

Prints one line of JSON when ready. Lines that clients send are echoed; "options" is answered with
that socket's options as JSON (linger is -1 when off, backlog that of listeners), "quit" closes.
SIGTERM and SIGINT end it with status 0; 1 is a failure, 2 a wrong command line.
)";

[[noreturn]] void fail_usage(const std::string& message) {
  fail(2, message + " (see demo_server --help)");
}

int number_argument(const std::string& name, int low, int high) {
  int value = 0;
  if (!parse_number(optarg, low, high, value)) {
    fail_usage("--" + name + ": '" + optarg + "' is not a number from " + std::to_string(low) +
               " to " + std::to_string(high));
  }
  return value;
}

int choice_argument(const std::string& name, std::initializer_list<const char*> words) {
  int index = 0;
  std::string list;
  for (const char* word : words) {
    if (std::strcmp(word, optarg) == 0) return index;
    ++index;
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  fail_usage("--" + name + ": '" + optarg + "' is not one of " + list);
}

}  // namespace

bool parse_number(const char* text, int low, int high, int& value) {
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, value);
  return error == std::errc() && rest == end && value >= low && value <= high;
}

Settings parse_command_line(int argc, char** argv) {
  static constexpr option kLong[] = {{"family", required_argument, nullptr, 'f'},
                                     {"protocol", required_argument, nullptr, 'P'},
                                     {"any", no_argument, nullptr, 'a'},
                                     {"port", required_argument, nullptr, 'p'},
                                     {"backlog", required_argument, nullptr, 'b'},
                                     {"inherited", no_argument, nullptr, 'i'},
                                     {"inherit-fd", required_argument, nullptr, 'I'},
                                     {"close-fds", no_argument, nullptr, 'c'},
                                     {"mode", required_argument, nullptr, 'm'},
                                     {"workers", required_argument, nullptr, 'w'},
                                     {"accept", required_argument, nullptr, 'A'},
                                     {"null-address", no_argument, nullptr, 'n'},
                                     {"report", no_argument, nullptr, 'r'},
                                     {"drain", required_argument, nullptr, 'd'},
                                     {"help", no_argument, nullptr, 'h'},
                                     {nullptr, 0, nullptr, 0}};
  Settings settings;
  std::string given;
  for (int letter; (letter = getopt_long(argc, argv, "h", kLong, nullptr)) != -1;) {
    given += static_cast<char>(letter);
    switch (letter) {
      case 'f':
        choice_argument("family", {"4", "6", "both", "dual"});
        settings.family = optarg;
        break;
      case 'P':
        if (choice_argument("protocol", {"tcp", "mptcp"}) == 1) settings.protocol = kMptcp;
        break;
      case 'a':
        settings.any = true;
        break;
      case 'p':
        settings.port = number_argument("port", 0, 65535);
        break;
      case 'b':
        settings.backlog = number_argument("backlog", -2147483647 - 1, 2147483647);
        break;
      case 'i':
        settings.inherited = true;
        break;
      case 'I':
        settings.descriptors.push_back(number_argument("inherit-fd", 0, 1 << 30));
        break;
      case 'c':
        settings.close_fds = true;
        break;
      case 'm':
        settings.mode = static_cast<Mode>(choice_argument("mode", {"single", "threads", "fork"}));
        break;
      case 'w':
        settings.workers = number_argument("workers", 1, 1024);
        break;
      case 'A':
        settings.accept4 = choice_argument("accept", {"accept", "accept4"}) == 1;
        break;
      case 'n':
        settings.null_address = true;
        break;
      case 'r':
        settings.report = true;
        break;
      case 'd':
        settings.drain = number_argument("drain", 1, 1 << 20);
        break;
      case 'h': {
        const std::string_view text = kUsage;
        _exit(write(STDOUT_FILENO, text.data(), text.size()) < 0 ? 1 : 0);
      }
      default:
        fail(2, "see demo_server --help");  // after getopt's own message
    }
  }
  if (optind < argc) fail_usage("'" + std::string(argv[optind]) + "': takes options only");
  const auto has = [&given](const char* letters) {
    return given.find_first_of(letters) != given.npos;
  };
  if (has("iI") && has("fPapb")) {
    fail_usage(
        "inherited listeners go with none of --family, --protocol, --any, --port, --backlog");
  }
  if (has("w") && settings.mode == Mode::kSingle) {
    fail_usage("--workers needs --mode threads or fork");
  }
  if (has("d") && (has("mr") || settings.family == "both")) {
    fail_usage("--drain takes one listener, and goes with neither --mode nor --report");
  }
  return settings;
}

}  // namespace demo
