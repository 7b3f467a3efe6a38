// SPDX-License-Identifier: MIT
//
// A program that does to sockets what its arguments say, one step each, and prints what came of it:
//
//   actor "socket l inet stream 0" "bind l 127.0.0.1" "listen l 5" "get l 6 4"
//
// prints `STEP = RESULT` for each, and for the calls that the shim hooks also the errno they left,
// which was kSentinel before. It knows nothing of the shim: what it prints is to be the same, and
// where an option is read what the shim was to put there. Descriptors have names; a name may be
// given to an inherited number (`fd l 3`). Lines go to ACTOR_OUT, or standard output.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kSentinel = 4242;
constexpr int kPatienceMilliseconds = 10'000;

using Words = std::vector<std::string>;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

int out_fd = 1;
std::map<std::string, int> descriptors;

[[noreturn]] void fail(const std::string& message) {
  dprintf(out_fd, "actor: %s\n", message.c_str());
  _exit(99);
}

int number(const std::string& text) {
  return static_cast<int>(std::strtoll(text.c_str(), nullptr, 0));
}

int fd_of(const std::string& name) {
  const auto found = descriptors.find(name);
  return found == descriptors.end() ? number(name) : found->second;
}

int domain_of(const std::string& word) {
  static const std::map<std::string, int> kDomains = {{"inet", AF_INET},   {"inet6", AF_INET6},
                                                      {"unix", AF_UNIX},   {"netlink", AF_NETLINK},
                                                      {"vsock", AF_VSOCK}, {"none", 12345}};
  return kDomains.at(word);
}

// stream|cloexec|nonblock
int type_of(const std::string& words) {
  static const std::map<std::string, int> kTypes = {{"stream", SOCK_STREAM},
                                                    {"dgram", SOCK_DGRAM},
                                                    {"raw", SOCK_RAW},
                                                    {"seqpacket", SOCK_SEQPACKET},
                                                    {"cloexec", SOCK_CLOEXEC},
                                                    {"nonblock", SOCK_NONBLOCK},
                                                    {"none", 0}};
  int type = 0;
  std::istringstream list(words);
  for (std::string word; std::getline(list, word, '|');) type |= kTypes.at(word);
  return type;
}

// 127.0.0.1, ::1, 192.0.2.1:80, unix:/path, unix:@abstract, vsock, netlink
Address address_of(std::string text) {
  Address address;
  if (text == "vsock") {
    auto* vm = reinterpret_cast<sockaddr_vm*>(&address.storage);
    vm->svm_family = AF_VSOCK;
    vm->svm_cid = VMADDR_CID_ANY;
    vm->svm_port = VMADDR_PORT_ANY;
    address.size = sizeof *vm;
  } else if (text == "netlink") {
    address.storage.ss_family = AF_NETLINK;
    address.size = sizeof(sockaddr_nl);
  } else if (text.compare(0, 5, "unix:") == 0) {
    auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
    un->sun_family = AF_UNIX;
    text.erase(0, 5);
    // For names that no other run has.
    if (const auto at = text.find('%'); at != text.npos)
      text.replace(at, 1, std::to_string(getpid()));
    std::memcpy(un->sun_path, text.data(), text.size());
    if (text[0] == '@') un->sun_path[0] = '\0';
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size());
  } else if (std::count(text.begin(), text.end(), ':') > 1) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    in6->sin6_family = AF_INET6;
    if (inet_pton(AF_INET6, text.c_str(), &in6->sin6_addr) != 1) fail("address " + text);
    address.size = sizeof *in6;
  } else {
    auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
    in->sin_family = AF_INET;
    if (const auto colon = text.find(':'); colon != text.npos) {
      in->sin_port = htons(static_cast<std::uint16_t>(number(text.substr(colon + 1))));
      text.erase(colon);
    }
    if (inet_pton(AF_INET, text.c_str(), &in->sin_addr) != 1) fail("address " + text);
    address.size = sizeof *in;
  }
  return address;
}

// Where a listener of ours, or a literal address, is reached.  `family` 4: by IPv4 if it is dual.
Address target_of(const std::string& word, const std::string& family) {
  if (descriptors.find(word) == descriptors.end()) return address_of(word);
  Address address;
  address.size = sizeof address.storage;
  if (getsockname(fd_of(word), address.get(), &address.size) != 0) fail("getsockname " + word);
  if (address.storage.ss_family == AF_INET6) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    if (IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr)) in6->sin6_addr = in6addr_loopback;
    if (family == "4") {
      Address v4;
      auto* in = reinterpret_cast<sockaddr_in*>(&v4.storage);
      in->sin_family = AF_INET;
      in->sin_port = in6->sin6_port;
      in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      v4.size = sizeof *in;
      return v4;
    }
  }
  return address;
}

// Option values lie in memory that cannot be written to.
const void* read_only(const void* data, std::size_t size) {
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memcpy(page, data, size);
  mprotect(page, 4096, PROT_READ);
  return page;
}

std::string value_text(const unsigned char* bytes, std::size_t size) {
  if (size == sizeof(int)) {
    int value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return std::to_string(value);
  }
  std::string text = "hex:";
  char digits[3];
  for (std::size_t i = 0; i < size; ++i) {
    snprintf(digits, sizeof digits, "%02x", bytes[i]);
    text += digits;
  }
  return text;
}

std::string get_option(int fd, int level, int name) {
  unsigned char bytes[256] = {};
  socklen_t size = sizeof bytes;
  if (getsockopt(fd, level, name, bytes, &size) != 0) return "error " + std::to_string(errno);
  return value_text(bytes, size);
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

// A client made by bare system calls: no shim touches it.
int bare_client(const std::string& listener, const std::string& family, bool mptcp) {
  Address to = target_of(listener, family);
  const long fd = syscall(SYS_socket, to.storage.ss_family, SOCK_STREAM, mptcp ? 262 : 0);
  if (fd < 0 || syscall(SYS_connect, fd, to.get(), to.size) != 0) {
    return -errno;
  }
  return static_cast<int>(fd);
}

std::string with_errno(int result) {
  return std::to_string(result) + " errno " + std::to_string(errno);
}

std::string word(const Words& words, std::size_t at) {
  return at < words.size() ? words[at] : std::string();
}

std::string named(const std::string& name, int result) {
  const std::string text = with_errno(result);
  if (result >= 0) descriptors[name] = result;
  return text;
}

std::string call_accept(const Words& w, bool four) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const bool null = w.back() == "null";
  auto* address = null ? nullptr : reinterpret_cast<sockaddr*>(&peer);
  socklen_t* length = null ? nullptr : &size;
  const int listener = fd_of(w.at(2));
  const int flags = four ? type_of(w.at(3)) : 0;
  errno = kSentinel;
  return named(
      w[1], four ? accept4(listener, address, length, flags) : accept(listener, address, length));
}

// accept-threads LISTENER THREADS COUNT LEVEL NAME: the option of each accepted socket, sorted.
std::string accept_in_threads(const Words& w) {
  std::mutex mutex;
  std::vector<std::string> values;
  std::vector<std::thread> threads;
  const int count = number(w.at(3)) / number(w.at(2));
  for (int i = 0; i < number(w.at(2)); ++i) {
    threads.emplace_back([&] {
      for (int done = 0; done < count; ++done) {
        const int fd = accept(fd_of(w.at(1)), nullptr, nullptr);
        const std::string value = get_option(fd, number(w.at(4)), number(w.at(5)));
        const std::lock_guard lock(mutex);
        values.push_back(value);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(values.begin(), values.end());
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : " ") + value;
  return text;
}

// What a process between vfork and exec does: closes what it does not know, opens its own.
std::string vfork_child() {
  const pid_t child = vfork();
  if (child == 0) {
    for (int fd = 3; fd < 64; ++fd) syscall(SYS_close, fd);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const bool done =
        bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(fd, 1) == 0;
    _exit(done ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return std::to_string(status);
}

// Finishes whatever blocks, so that a fault is a failed test and not one that hangs.
void set_alarm() { alarm(kPatienceMilliseconds / 1000); }

std::string perform(const Words& w) {
  const std::string& verb = w.at(0);
  if (verb == "socket") {
    const int domain = domain_of(w.at(2));
    const int type = type_of(w.at(3));
    const int protocol = number(w.at(4));
    errno = kSentinel;
    return named(w[1], socket(domain, type, protocol));
  }
  if (verb == "bind") {
    Address address = address_of(w.at(2));
    errno = kSentinel;
    return with_errno(bind(fd_of(w[1]), address.get(), address.size));
  }
  if (verb == "listen") {
    errno = kSentinel;
    return with_errno(listen(fd_of(w.at(1)), number(w.at(2))));
  }
  if (verb == "connect") {
    Address address = target_of(w.at(2), word(w, 3));
    errno = kSentinel;
    return with_errno(connect(fd_of(w[1]), address.get(), address.size));
  }
  if (verb == "connect-null") {
    errno = kSentinel;
    return with_errno(connect(fd_of(w.at(1)), nullptr, 0));
  }
  if (verb == "accept") return call_accept(w, false);
  if (verb == "accept4") return call_accept(w, true);
  if (verb == "set") {
    const int value = number(w.at(4));
    const void* bytes = read_only(&value, sizeof value);
    errno = kSentinel;
    return with_errno(setsockopt(fd_of(w[1]), number(w[2]), number(w[3]), bytes, sizeof value));
  }
  if (verb == "set-null") {
    errno = kSentinel;
    return with_errno(setsockopt(fd_of(w.at(1)), number(w.at(2)), number(w.at(3)), nullptr, 0));
  }
  if (verb == "get") return get_option(fd_of(w.at(1)), number(w.at(2)), number(w.at(3)));
  if (verb == "backlog") return std::to_string(info_of(fd_of(w.at(1))).tcpi_sacked);
  if (verb == "await-queue") {
    const auto wanted = static_cast<unsigned>(number(w.at(2)));
    const int fd = fd_of(w[1]);
    return eventually([&] { return info_of(fd).tcpi_unacked >= wanted; }) ? "yes" : "no";
  }
  if (verb == "client") {  // client NAME LISTENER [4] [mptcp]
    const bool mptcp = w.back() == "mptcp";
    const int fd = bare_client(w.at(2), word(w, 3), mptcp);
    if (fd >= 0) descriptors[w[1]] = fd;
    return std::to_string(fd);
  }
  if (verb == "clients") {  // clients LISTENER COUNT
    for (int i = 0; i < number(w.at(2)); ++i) {
      if (bare_client(w[1], "", false) < 0) return "failed";
    }
    return "done";
  }
  if (verb == "accept-threads") return accept_in_threads(w);
  if (verb == "fd") return std::to_string(descriptors[w.at(1)] = number(w.at(2)));
  if (verb == "close") return std::to_string(close(fd_of(w.at(1))));
  if (verb == "dup2") {
    return std::to_string(descriptors[w.at(1)] = dup2(fd_of(w[1]), number(w.at(2))));
  }
  if (verb == "dup") return std::to_string(descriptors[w.at(2)] = dup(fd_of(w[1])));
  if (verb == "pipe") {
    int ends[2];
    if (pipe(ends) != 0) fail("pipe");
    descriptors[w.at(1)] = ends[0];
    return std::to_string(ends[0]);
  }
  if (verb == "socketpair") {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) fail("socketpair");
    descriptors[w.at(1)] = ends[0];
    return std::to_string(ends[0]);
  }
  if (verb == "nonblock") {
    return std::to_string(fcntl(fd_of(w.at(1)), F_SETFL, O_NONBLOCK));
  }
  if (verb == "flags") {
    const int fd = fd_of(w.at(1));
    return (fcntl(fd, F_GETFL) & O_NONBLOCK ? std::string("nonblock") : std::string("block")) +
           (fcntl(fd, F_GETFD) & FD_CLOEXEC ? " cloexec" : " inherit");
  }
  if (verb == "write") {
    const std::string& text = w.at(2);
    return std::to_string(write(fd_of(w[1]), text.data(), text.size()));
  }
  if (verb == "available") {  // all that the peer sent within a moment, as text
    pollfd entry{fd_of(w.at(1)), POLLIN, 0};
    if (poll(&entry, 1, 200) <= 0) return "nothing";
    char text[512];
    const ssize_t got = recv(entry.fd, text, sizeof text, 0);
    return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : "end";
  }
  if (verb == "writable") {
    pollfd entry{fd_of(w.at(1)), POLLOUT, 0};
    return std::to_string(poll(&entry, 1, kPatienceMilliseconds));
  }
  if (verb == "open-descriptors") {
    std::string text;
    for (int fd = 0; fd < 1024; ++fd) {
      if (fcntl(fd, F_GETFD) >= 0) text += (text.empty() ? "" : " ") + std::to_string(fd);
    }
    return text;
  }
  if (verb == "mark") {  // seen by strace, and by nothing else
    syscall(SYS_getsockopt, -1, 0, 0, nullptr, nullptr);
    return "marked";
  }
  if (verb == "vfork") return vfork_child();
  if (verb == "setenv") return std::to_string(setenv(w.at(1).c_str(), w.at(2).c_str(), 1));
  if (verb == "unsetenv") return std::to_string(unsetenv(w.at(1).c_str()));
  if (verb == "chroot") return std::to_string(chroot(w.at(1).c_str()) + chdir("/"));
  if (verb == "setuid") return std::to_string(setuid(static_cast<uid_t>(number(w.at(1)))));
  if (verb == "pending") {
    sigset_t set;
    sigpending(&set);
    return std::to_string(sigismember(&set, number(w.at(1))));
  }
  if (verb == "ids") return std::to_string(getuid()) + " " + std::to_string(geteuid());
  if (verb == "touch") {
    const int fd = open(w.at(1).c_str(), O_WRONLY | O_CREAT, 0666);
    return fd >= 0 && close(fd) == 0 ? "done" : "failed";
  }
  if (verb == "await-file") {
    return eventually([&] { return access(w.at(1).c_str(), F_OK) == 0; }) ? "yes" : "no";
  }
  fail("no such step: " + verb);
}

void say(const std::string& line) {
  const std::string whole = line + "\n";
  if (write(out_fd, whole.data(), whole.size()) < 0) _exit(98);
}

Words split(const std::string& step) {
  std::istringstream stream(step);
  Words words;
  for (std::string w; stream >> w;) words.push_back(w);
  return words;
}

int play(char** steps) {
  for (; *steps != nullptr; ++steps) {
    const Words words = split(*steps);
    if (words.at(0) == "fork") {  // the rest is the child's
      const pid_t child = fork();
      if (child == 0) {
        set_alarm();
        continue;
      }
      int status = 0;
      waitpid(child, &status, 0);
      // `fork again`: the parent then does all the rest, too.
      if (words.size() == 1) return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
      continue;
    }
    if (words[0] == "thread") {  // the rest happens in another thread
      int result = 0;
      std::thread([&] { result = play(steps + 1); }).join();
      return result;
    }
    if (words[0] == "exec") {  // the rest happens after exec, with the descriptors' numbers alone
      // `exec PROGRAM ARGUMENTS`: another program, given the rest after its arguments.
      Words program(words.begin() + 1, words.end());
      const std::string path = program.empty() ? "/proc/self/exe" : program[0];
      if (program.empty()) program = {"actor"};
      std::vector<char*> arguments;
      for (std::string& argument : program) arguments.push_back(argument.data());
      for (char** rest = steps + 1; *rest != nullptr; ++rest) arguments.push_back(*rest);
      arguments.push_back(nullptr);
      execv(path.c_str(), arguments.data());
      fail("exec " + path);
    }
    say(std::string(*steps) + " = " + perform(words));
  }
  return 0;
}

}  // namespace

int main(int /*argc*/, char** argv) {
  if (const char* out = std::getenv("ACTOR_OUT")) out_fd = number(out);
  set_alarm();
  return play(argv + 1);
}
