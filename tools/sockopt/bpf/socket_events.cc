// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/socket_events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <watch.skel.h>

#include <cerrno>
#include <cstring>

#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/bpf/loading.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

constexpr std::uint32_t kLargestPort = 65535;
constexpr std::size_t kMostAtOnce = SOCKET_RING_BYTES / sizeof(socket_event);

bool is_sound(const socket_event& event) {
  return (event.family == AF_INET || event.family == AF_INET6) && event.port <= kLargestPort;
}

}  // namespace

std::variant<std::unique_ptr<SocketEvents>, Finding> SocketEvents::open() {
  keep_libbpf_messages();
  std::unique_ptr<SocketEvents> events(new SocketEvents);
  events->programs_ = watch_programs__open();
  if (events->programs_ == nullptr) return failed("the program cannot be opened", errno);
  if (watch_programs__load(events->programs_) != 0) {
    const int error = errno;
    return failed(
        fmt::format("the kernel does not take the program ({})", load_failure(libbpf_messages())),
        error);
  }
  const int map = ::bpf_map__fd(events->programs_->maps.events);
  events->ring_ = ::ring_buffer__new(map, receive, events.get(), nullptr);
  if (events->ring_ == nullptr) return failed("the ring buffer cannot be read", errno);
  return events;
}

SocketEvents::~SocketEvents() {
  links_.clear();
  ::ring_buffer__free(ring_);
  watch_programs__destroy(programs_);
}

std::optional<Finding> SocketEvents::add(std::uint64_t cgroup, const std::string& directory,
                                         bool connections) {
  Links& links = links_[cgroup];
  if (!connections) links.connect = UniqueFd();
  const UniqueFd opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened && errno == ENOENT) return {};  // removed meanwhile
  if (!opened) return failed(printable(directory), errno);
  const auto attach = [&](UniqueFd& link, const bpf_program* program) {
    if (link) return true;
    const int fd = ::bpf_program__fd(program);
    link = UniqueFd(::bpf_link_create(fd, opened.get(), BPF_CGROUP_SOCK_OPS, nullptr));
    return static_cast<bool>(link);
  };
  if (attach(links.listen, programs_->progs.sockopt_listen) &&
      (!connections || attach(links.connect, programs_->progs.sockopt_connect))) {
    return {};
  }
  return failed(fmt::format("{} cannot be watched", printable(directory)), errno);
}

void SocketEvents::keep_only(const std::set<std::uint64_t>& cgroups) {
  std::erase_if(links_, [&](const auto& link) { return !cgroups.contains(link.first); });
}

int SocketEvents::fd() const { return ::ring_buffer__epoll_fd(ring_); }

int SocketEvents::receive(void* self, void* bytes, std::size_t size) {
  auto* const events = static_cast<SocketEvents*>(self);
  socket_event event = {};
  if (size >= sizeof event) std::memcpy(&event, bytes, sizeof event);
  if (is_sound(event)) {
    events->taken_.push_back(event);
  } else {
    ++events->malformed_;
  }
  // More of them than this have room in the ring: whoever makes them must not keep us here.
  return events->taken_.size() < kMostAtOnce ? 0 : -EAGAIN;
}

std::vector<socket_event> SocketEvents::take() {
  taken_.clear();
  ::ring_buffer__consume(ring_);
  return std::move(taken_);
}

std::uint64_t SocketEvents::lost() const {
  const volatile __u64& lost = programs_->bss->lost;
  return lost + malformed_;
}

std::uint64_t SocketEvents::lost_connections() const {
  const volatile __u64& lost = programs_->bss->lost_connections;
  return lost;
}

}  // namespace sockopt
