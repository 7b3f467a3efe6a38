// SPDX-License-Identifier: MIT
#include "steps.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "names.h"

namespace actor {
namespace {

constexpr int kSentinel = 4242;
constexpr int kMptcp = 262;
constexpr long kCloseRange = 436;  // close_range(2), of Linux 5.9

std::map<std::string, int> descriptors;

int fd_of(const std::string& name) {
  const auto found = descriptors.find(name);
  return found == descriptors.end() ? number(name) : found->second;
}

// Remembers a descriptor, if it is one.
int named(const std::string& name, int fd) {
  if (fd >= 0) descriptors[name] = fd;
  return fd;
}

std::string word(const Words& words, std::size_t at) {
  return at < words.size() ? words[at] : std::string();
}

// Where a listener of ours, or a literal address, is reached.  `family` 4: by IPv4 if it is dual.
Address target_of(const std::string& word, const std::string& family) {
  if (descriptors.find(word) == descriptors.end()) return address_of(word);
  Address address;
  address.size = sizeof address.storage;
  if (getsockname(fd_of(word), address.get(), &address.size) != 0) fail("getsockname " + word);
  if (address.storage.ss_family != AF_INET6) return address;
  auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr)) in6->sin6_addr = in6addr_loopback;
  return family == "4" ? address_of("127.0.0.1:" + std::to_string(ntohs(in6->sin6_port))) : address;
}

std::string get_option(int fd, OptionName option) {
  unsigned char bytes[256] = {};
  socklen_t size = sizeof bytes;
  if (getsockopt(fd, option.level, option.name, bytes, &size) != 0) return errno_name(errno);
  return value_text(bytes, size);
}

// What is to be the same whatever the library gives to TCP sockets: of those, options that no
// policy of the tests is about; of all others, those that they set, too.
std::string options_of(int fd) {
  const auto read = [fd](std::initializer_list<const char*> options) {
    std::string text;
    for (const char* option : options) text += " " + get_option(fd, option_of(option));
    return text;
  };
  const std::string kind = read({"SO_PROTOCOL", "SO_TYPE"});
  const bool tcp = kind == " 6 1" || kind == " 262 1";
  const std::string text = (tcp ? "tcp" : "other") + kind +
                           read({"SO_DOMAIN", "SO_ACCEPTCONN", "SO_REUSEADDR", "SO_LINGER"});
  if (tcp) return text + read({"TCP_KEEPINTVL"});
  return text +
         read({"SO_KEEPALIVE", "SO_PRIORITY", "SO_RCVBUF", "SO_SNDBUF", "SO_MARK", "SO_OOBINLINE",
               "SO_RCVLOWAT", "IP_TOS", "IP_TTL", "IP_FREEBIND", "IP_BIND_ADDRESS_NO_PORT"});
}

// An option's value in memory that cannot be written to.
const void* read_only(int value) {
  static const auto page = [] {
    const int file = memfd_create("value", 0);
    if (ftruncate(file, sizeof value) != 0) fail("ftruncate");
    const std::pair both(mmap(nullptr, sizeof value, PROT_WRITE, MAP_SHARED, file, 0),
                         mmap(nullptr, sizeof value, PROT_READ, MAP_SHARED, file, 0));
    close(file);
    return both;
  }();
  std::memcpy(page.first, &value, sizeof value);
  return page.second;
}

tcp_info info_of(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) fail("TCP_INFO");
  return info;
}

template <typename Predicate>
bool eventually(Predicate predicate) {
  for (int waited = 0; waited < kPatienceMilliseconds; ++waited) {
    if (predicate()) return true;
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return predicate();
}

// A client made by bare system calls, so that its options are its own.
int bare_client(const std::string& listener, const std::string& family, bool mptcp) {
  Address to = target_of(listener, family);
  const long fd = syscall(SYS_socket, to.storage.ss_family, SOCK_STREAM, mptcp ? kMptcp : 0);
  if (fd < 0 || syscall(SYS_connect, fd, to.get(), to.size) != 0) return -1;
  return static_cast<int>(fd);
}

// Where accept puts the peer's address, if it is asked for.
class Peer {
 public:
  explicit Peer(bool wanted) : wanted_(wanted) {}
  sockaddr* address() { return wanted_ ? reinterpret_cast<sockaddr*>(&storage_) : nullptr; }
  socklen_t* size() { return wanted_ ? &size_ : nullptr; }

 private:
  bool wanted_;
  sockaddr_storage storage_{};
  socklen_t size_ = sizeof storage_;
};

// The option of each accepted socket, sorted.
std::string accept_in_threads(int listener, int threads, int connections, OptionName option) {
  std::mutex mutex;
  std::vector<std::string> values;
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      for (int done = 0; done < connections / threads; ++done) {
        const std::string value = get_option(accept(listener, nullptr, nullptr), option);
        const std::lock_guard lock(mutex);
        values.push_back(value);
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  std::sort(values.begin(), values.end());
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : " ") + value;
  return text;
}

// What a process between vfork and exec does: closes what it does not know, opens its own.
int vfork_child(bool listens) {
  const pid_t child = vfork();
  if (child == 0) {
    for (int fd = 3; fd < 64; ++fd) syscall(SYS_close, fd);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const bool done =
        !listens || (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     listen(fd, 1) == 0);
    _exit(done ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

std::string open_descriptors() {
  std::vector<pollfd> entries(1024);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].fd = static_cast<int>(i);
  poll(entries.data(), entries.size(), 0);
  std::string text;
  for (const pollfd& entry : entries) {
    if ((entry.revents & POLLNVAL) != 0) continue;
    text += (text.empty() ? "" : " ") + std::to_string(entry.fd);
  }
  return text;
}

// A message of one byte with room for one descriptor.
struct DescriptorMessage {
  DescriptorMessage() {
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
  }
  char byte = 'x';
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
};

int send_descriptor(int channel, int fd) {
  DescriptorMessage outgoing;
  cmsghdr* header = CMSG_FIRSTHDR(&outgoing.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return static_cast<int>(sendmsg(channel, &outgoing.message, 0));
}

int received(int channel) {
  DescriptorMessage incoming;
  if (recvmsg(channel, &incoming.message, 0) != 1) fail("recvmsg");
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&incoming.message)), sizeof fd);
  return fd;
}

// All that the peer sent within a moment.
std::string available(int fd) {
  pollfd entry{fd, POLLIN, 0};
  if (poll(&entry, 1, 200) <= 0) return "nothing";
  char text[512];
  const ssize_t got = recv(fd, text, sizeof text, 0);
  return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : "end";
}

template <typename Function, typename... Arguments>
int call(Function function, Arguments... arguments) {
  errno = kSentinel;
  return function(arguments...);
}

// What a call returned, and the errno that it left, if it left one.
std::string result(int value) {
  const int error = errno;
  return std::to_string(value) + (error == kSentinel ? "" : " " + errno_name(error));
}

// The same of a call that makes a descriptor.
std::string result(const std::string& name, int fd) {
  const std::string answer = result(fd);
  named(name, fd);
  return answer;
}

std::string text(long value) { return std::to_string(value); }

using Step = std::string (*)(const Words& w);

// Calls that the library hooks.
const std::map<std::string, Step> kHooked = {
    {"socket",  // socket NAME FAMILY [TYPE [PROTOCOL]]
     [](const Words& w) {
       const int type = w.size() > 3 ? type_of(w[3]) : SOCK_STREAM;
       return result(w[1],
                     call(socket, family_of(w.at(2)), type, w.size() > 4 ? protocol_of(w[4]) : 0));
     }},
    {"bind",  // bind NAME ADDRESS
     [](const Words& w) {
       Address address = address_of(w.at(2));
       return result(call(bind, fd_of(w[1]), address.get(), address.size));
     }},
    {"listen",  // listen NAME BACKLOG
     [](const Words& w) { return result(call(listen, fd_of(w.at(1)), number(w.at(2)))); }},
    {"connect",  // connect NAME LISTENER|ADDRESS [4]
     [](const Words& w) {
       Address address = target_of(w.at(2), word(w, 3));
       return result(call(connect, fd_of(w[1]), address.get(), address.size));
     }},
    {"connect-null",
     [](const Words& w) { return result(call(connect, fd_of(w.at(1)), nullptr, 0)); }},
    {"disconnect",  // dissolves a connection
     [](const Words& w) {
       sockaddr none{};
       none.sa_family = AF_UNSPEC;
       return result(call(connect, fd_of(w.at(1)), &none, sizeof none));
     }},
    {"accept",  // accept NAME LISTENER [null]
     [](const Words& w) {
       Peer peer(w.back() != "null");
       return result(w.at(1), call(accept, fd_of(w.at(2)), peer.address(), peer.size()));
     }},
    {"accept4",  // accept4 NAME LISTENER FLAGS [null]
     [](const Words& w) {
       Peer peer(w.back() != "null");
       return result(w.at(1),
                     call(accept4, fd_of(w.at(2)), peer.address(), peer.size(), type_of(w.at(3))));
     }},
    {"set",  // set NAME OPTION VALUE
     [](const Words& w) {
       const OptionName option = option_of(w.at(2));
       const void* value = read_only(number(w.at(3)));
       return result(call(setsockopt, fd_of(w[1]), option.level, option.name, value, sizeof(int)));
     }},
    {"set-null",
     [](const Words& w) {
       const OptionName option = option_of(w.at(2));
       return result(call(setsockopt, fd_of(w[1]), option.level, option.name, nullptr, 0));
     }},
};

const std::map<std::string, Step> kOthers = {
    // What a socket is like.
    {"get", [](const Words& w) { return get_option(fd_of(w.at(1)), option_of(w.at(2))); }},
    {"options", [](const Words& w) { return options_of(fd_of(w.at(1))); }},
    {"backlog", [](const Words& w) { return text(info_of(fd_of(w.at(1))).tcpi_sacked); }},
    {"flags",
     [](const Words& w) {
       const int fd = fd_of(w.at(1));
       return (fcntl(fd, F_GETFL) & O_NONBLOCK ? std::string("nonblock") : std::string("block")) +
              (fcntl(fd, F_GETFD) & FD_CLOEXEC ? " cloexec" : " inherit");
     }},
    {"nonblock", [](const Words& w) { return text(fcntl(fd_of(w.at(1)), F_SETFL, O_NONBLOCK)); }},

    // Peers.
    {"client",  // client NAME LISTENER [4] [mptcp]
     [](const Words& w) {
       return text(named(w.at(1), bare_client(w.at(2), word(w, 3), w.back() == "mptcp")));
     }},
    {"clients",  // clients LISTENER COUNT
     [](const Words& w) -> std::string {
       for (int i = 0; i < number(w.at(2)); ++i) {
         if (bare_client(w[1], "", false) < 0) return "failed";
       }
       return "done";
     }},
    {"await-queue",  // await-queue LISTENER COUNT
     [](const Words& w) -> std::string {
       const int fd = fd_of(w.at(1));
       const auto wanted = static_cast<unsigned>(number(w.at(2)));
       return eventually([&] { return info_of(fd).tcpi_unacked >= wanted; }) ? "yes" : "no";
     }},
    {"accept-threads",  // accept-threads LISTENER THREADS CONNECTIONS OPTION
     [](const Words& w) {
       return accept_in_threads(fd_of(w.at(1)), number(w.at(2)), number(w.at(3)),
                                option_of(w.at(4)));
     }},
    {"write",
     [](const Words& w) { return text(write(fd_of(w.at(1)), w.at(2).data(), w[2].size())); }},
    {"available", [](const Words& w) { return available(fd_of(w.at(1))); }},
    {"writable",
     [](const Words& w) {
       pollfd entry{fd_of(w.at(1)), POLLOUT, 0};
       return text(poll(&entry, 1, kPatienceMilliseconds));
     }},

    // The same as `socket` and `close`, by bare system calls.
    {"unseen-socket",
     [](const Words& w) {
       const int type = w.size() > 3 ? type_of(w[3]) : SOCK_STREAM;
       const int protocol = w.size() > 4 ? protocol_of(w[4]) : 0;
       const long fd = syscall(SYS_socket, family_of(w.at(2)), type, protocol);
       return text(named(w[1], static_cast<int>(fd)));
     }},
    {"unseen-close", [](const Words& w) { return text(syscall(SYS_close, fd_of(w.at(1)))); }},

    // Descriptors.
    {"fd", [](const Words& w) { return text(named(w.at(1), number(w.at(2)))); }},
    {"close", [](const Words& w) { return text(close(fd_of(w.at(1)))); }},
    {"dup", [](const Words& w) { return text(named(w.at(2), dup(fd_of(w[1])))); }},
    {"dup2",  // dup2 NAME TARGET
     [](const Words& w) { return text(named(w.at(1), dup2(fd_of(w[1]), fd_of(w.at(2))))); }},
    {"dup3",
     [](const Words& w) { return text(named(w.at(1), dup3(fd_of(w[1]), fd_of(w.at(2)), 0))); }},
    {"dupfd",  // dupfd NAME LOWEST
     [](const Words& w) {
       return text(named(w.at(1), fcntl(fd_of(w[1]), F_DUPFD, fd_of(w.at(2)))));
     }},
    {"close-range",
     [](const Words& w) {
       const auto fd = static_cast<unsigned>(fd_of(w.at(1)));
       return text(syscall(kCloseRange, fd, fd, 0U));
     }},
    {"bare",  // a TCP socket that no hook has seen
     [](const Words& w) {
       return text(named(w.at(1), static_cast<int>(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0))));
     }},
    {"bare-listen", [](const Words& w) { return text(syscall(SYS_listen, fd_of(w.at(1)), 16)); }},
    {"send", [](const Words& w) { return text(send_descriptor(fd_of(w.at(2)), fd_of(w.at(1)))); }},
    {"receive", [](const Words& w) { return text(named(w.at(1), received(fd_of(w.at(2))))); }},
    {"pipe",
     [](const Words& w) {
       int ends[2];
       if (pipe(ends) != 0) fail("pipe");
       return text(named(w.at(1), ends[0]));
     }},
    {"socketpair",  // socketpair NAME [NAME]
     [](const Words& w) {
       int ends[2];
       if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) fail("socketpair");
       if (w.size() > 2) named(w[2], ends[1]);
       return text(named(w.at(1), ends[0]));
     }},
    {"open-descriptors", [](const Words&) { return open_descriptors(); }},

    // The process.
    {"vfork",  // vfork [socket]
     [](const Words& w) { return text(vfork_child(w.back() != "socket")); }},
    {"setenv", [](const Words& w) { return text(setenv(w.at(1).c_str(), w.at(2).c_str(), 1)); }},
    {"unsetenv", [](const Words& w) { return text(unsetenv(w.at(1).c_str())); }},
    {"chroot", [](const Words& w) { return text(chroot(w.at(1).c_str()) + chdir("/")); }},
    {"setuid", [](const Words& w) { return text(setuid(static_cast<uid_t>(number(w.at(1))))); }},
    {"ids", [](const Words&) { return text(getuid()) + " " + text(geteuid()); }},
    {"pending",
     [](const Words& w) {
       sigset_t set;
       sigpending(&set);
       return text(sigismember(&set, signal_of(w.at(1))));
     }},

    // The test, and strace, which sees this call.
    {"mark",
     [](const Words&) -> std::string {
       syscall(SYS_getsockopt, -1, 0, 0, nullptr, nullptr);
       return "marked";
     }},
    {"touch",
     [](const Words& w) -> std::string {
       const int fd = open(w.at(1).c_str(), O_WRONLY | O_CREAT, 0666);
       return fd >= 0 && close(fd) == 0 ? "done" : "failed";
     }},
    {"await-file",
     [](const Words& w) -> std::string {
       return eventually([&] { return access(w.at(1).c_str(), F_OK) == 0; }) ? "yes" : "no";
     }},
};

}  // namespace

void close_all() {
  syscall(kCloseRange, 3U, ~0U, 0U);
  descriptors.clear();
}

std::string perform(const Words& step) {
  for (const auto* steps : {&kHooked, &kOthers}) {
    if (const auto found = steps->find(step.at(0)); found != steps->end()) {
      return found->second(step);
    }
  }
  fail("no such step: " + step[0]);
}

}  // namespace actor
