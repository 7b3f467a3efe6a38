// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/listen_events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <listen.skel.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/bpf/loading.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

constexpr std::uint32_t kLargestPort = 65535;
constexpr std::size_t kMostAtOnce = LISTEN_RING_BYTES / sizeof(listen_event);

bool is_sound(const listen_event& event) {
  return (event.family == AF_INET || event.family == AF_INET6) && event.port <= kLargestPort;
}

}  // namespace

std::variant<std::unique_ptr<ListenEvents>, Finding> ListenEvents::open() {
  keep_libbpf_messages();
  std::unique_ptr<ListenEvents> events(new ListenEvents);
  events->programs_ = listen_programs__open();
  if (events->programs_ == nullptr) return failed("the program cannot be opened", errno);
  if (listen_programs__load(events->programs_) != 0) {
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

ListenEvents::~ListenEvents() {
  links_.clear();
  ::ring_buffer__free(ring_);
  listen_programs__destroy(programs_);
}

std::optional<Finding> ListenEvents::add(std::uint64_t cgroup, const std::string& directory) {
  if (links_.contains(cgroup)) return {};
  const std::string place = printable(directory);
  const UniqueFd opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened && errno == ENOENT) return {};  // removed meanwhile
  if (!opened) return failed(place, errno);
  const bpf_program* program = programs_->progs.on_listen;
  UniqueFd link(
      ::bpf_link_create(::bpf_program__fd(program), opened.get(), BPF_CGROUP_SOCK_OPS, nullptr));
  if (!link) return failed(fmt::format("{} cannot be watched", place), errno);
  links_.emplace(cgroup, std::move(link));
  return {};
}

void ListenEvents::keep_only(const std::set<std::uint64_t>& cgroups) {
  std::erase_if(links_, [&](const auto& link) { return !cgroups.contains(link.first); });
}

int ListenEvents::fd() const { return ::ring_buffer__epoll_fd(ring_); }

int ListenEvents::receive(void* self, void* bytes, std::size_t size) {
  auto* const events = static_cast<ListenEvents*>(self);
  listen_event event = {};
  if (size >= sizeof event) std::memcpy(&event, bytes, sizeof event);
  if (is_sound(event)) {
    events->taken_.push_back(event);
  } else {
    ++events->malformed_;
  }
  // More of them than this have room in the ring: whoever makes them must not keep us here.
  return events->taken_.size() < kMostAtOnce ? 0 : -EAGAIN;
}

std::vector<listen_event> ListenEvents::take() {
  taken_.clear();
  ::ring_buffer__consume(ring_);
  return std::move(taken_);
}

std::uint64_t ListenEvents::lost() const {
  const volatile __u64& lost = programs_->bss->lost;
  return lost + malformed_;
}

}  // namespace sockopt
