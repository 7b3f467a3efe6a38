// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/watcher.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <variant>

#include "tools/inspect/endpoint.h"
#include "tools/inspect/foreign_socket.h"
#include "tools/inspect/listener_dump.h"
#include "tools/sockopt/bpf/host_support.h"
#include "tools/sockopt/bpf/pin_changes.h"
#include "tools/sockopt/bpf/socket_events.h"
#include "tools/sockopt/bpf/socket_pass.h"
#include "tools/sockopt/bpf/watched_cgroups.h"

namespace sockopt {
namespace {

volatile sig_atomic_t ends = 0;
volatile sig_atomic_t writes = 0;

// While it writes nothing is half done, and its reader may never come back.
void end_soon(int) {
  ends = 1;
  if (writes != 0) _exit(0);
}

// SIGTERM and SIGINT wait until the watcher does.
class EndSignals {
 public:
  EndSignals() {
    struct sigaction action = {};
    action.sa_handler = end_soon;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGTERM);
    ::sigaddset(&signals_, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals_, &before_);
  }

  /// Waits for one of them, or for what is polled.
  void poll(pollfd* files, nfds_t count, const timespec* most) const {
    ::ppoll(files, count, most, &before_);
  }
  template <typename Write>
  bool write(const Write& write) const {
    writes = 1;
    ::sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
    const bool done = write();
    ::sigprocmask(SIG_BLOCK, &signals_, nullptr);
    writes = 0;
    return done;
  }

 private:
  sigset_t signals_ = {};
  sigset_t before_ = {};
};

class Watcher {
 public:
  explicit Watcher(WatchReport& report) : report_(report) {}

  std::optional<Finding> run(bool once) {
    if (auto obstacle = find_watch_obstacle()) return obstacle;
    if (!once) {
      auto opened = SocketEvents::open();
      if (auto* fault = std::get_if<Finding>(&opened)) return std::move(*fault);
      events_ = std::get<std::unique_ptr<SocketEvents>>(std::move(opened));
    }
    refresh();
    report_.on_ready();
    while (flush() && !once && ends == 0) wait();
    return {};
  }

 private:
  bool flush() {
    return signals_.write([&] { return report_.flush(); });
  }

  void wait() {
    // An event that found no room may be counted only after the last one that did was taken.
    constexpr timespec kSoon = {.tv_sec = 0, .tv_nsec = 100'000'000};
    pollfd files[] = {{events_->fd(), POLLIN, 0}, {changes_.fd(), POLLIN, 0}};
    signals_.poll(files, std::size(files), std::exchange(has_taken_, false) ? &kSoon : nullptr);
    if (ends != 0) return;
    if (const std::vector<socket_event> events = events_->take(); !events.empty()) {
      has_taken_ = true;
      handle(events);
    }
    if (const std::uint64_t lost = events_->lost(); lost != lost_) {
      report_.on_lost(lost - std::exchange(lost_, lost));
      look_at_all();
    }
    if (const std::uint64_t lost = events_->lost_connections(); lost != lost_connections_) {
      report_.on_connections_lost(lost - std::exchange(lost_connections_, lost));
    }
    if ((files[1].revents & POLLIN) != 0) refresh();
  }

  // What is attached, and where that has changed, all listeners.
  void refresh() {
    changes_.renew();
    if (auto problem = cgroups_.read()) return report_.on_problem(*problem);
    std::map<std::uint64_t, Known> now;
    std::set<std::uint64_t> watched;
    bool changed = false;
    for (const Attachment& one : cgroups_.attachments()) {
      if (one.gone) continue;
      now[one.cgroup] = {one.policy_id, one.directory};
      const std::vector<std::string> options = cgroups_.options(one);
      if (!options.empty()) watched.insert(one.cgroup);
      const auto known = known_.find(one.cgroup);
      if (known != known_.end() && known->second.policy == one.policy_id) continue;
      changed = true;
      report_.on_attached(one, options);
      if (options.empty() || !events_) continue;
      const bool connections = cgroups_.has_connections(one);
      if (auto problem = events_->add(one.cgroup, one.directory, connections)) {
        report_.on_problem(*problem);
      }
    }
    for (const auto& [cgroup, known] : known_) {
      if (now.contains(cgroup)) continue;
      changed = true;
      report_.on_detached(known.directory);
    }
    known_ = std::move(now);
    if (events_) events_->keep_only(watched);
    const bool is_idle = watched.empty();
    if (is_idle && !is_idle_) report_.on_idle();
    is_idle_ = is_idle;
    if (changed) look_at_all();
  }

  void look_at_all() {
    SocketPass pass(cgroups_);
    search(pass, nullptr);
    report_.on_changes(pass.log(), pass.unreadable());
  }

  void search(SocketPass& pass, const SocketPass::Inodes* only) const {
    for (const Attachment& one : cgroups_.attachments()) {
      if (cgroups_.options(one).empty()) continue;
      for (const pid_t pid : cgroups_.processes(one)) pass.visit(pid, only);
    }
  }

  void handle(const std::vector<socket_event>& events) const {
    SocketPass::Peers peers;
    std::map<pid_t, SocketPass::Inodes> by_process;
    for (const socket_event& event : events) {
      by_process[static_cast<pid_t>(event.pid)].insert(event.inode);
      if (event.connects != 0) peers[event.inode] = endpoint_of(event);
    }
    SocketPass pass(cgroups_, std::move(peers));
    bool knows_all = true;
    for (const auto& [pid, inodes] : by_process) {
      const bool is_any = inodes.contains(0);
      const bool is_there = pass.visit(pid, is_any ? nullptr : &inodes);
      knows_all = knows_all && (is_there || !is_any);
    }
    // Who listened may have ended, having handed the socket on, or be known to us by another
    // number. Connections come and go too fast to be searched for.
    SocketPass::Inodes missed;
    for (const socket_event& event : events) {
      if (event.connects == 0 && event.inode != 0 && !pass.has_found(event.inode))
        missed.insert(event.inode);
    }
    drop_closed(events, missed);
    if (!knows_all) missed.clear();
    if (!knows_all || !missed.empty()) search(pass, knows_all ? &missed : nullptr);
    report_.on_changes(pass.log(), pass.unreadable());
    std::erase_if(missed, [&](std::uint64_t inode) { return pass.has_found(inode); });
    const std::uint64_t own = missed.empty() ? 0 : own_net_cookie();
    if (!drop_closed(events, missed)) return;
    for (const socket_event& event : events) {
      // Of other namespaces it is not known which are there.
      if (event.net_cookie != own || event.connects != 0) continue;
      if (!missed.contains(event.inode)) continue;
      report_.on_not_found(endpoint_of(event));
    }
  }

  static Endpoint endpoint_of(const socket_event& event) {
    Endpoint endpoint;
    endpoint.family = static_cast<sa_family_t>(event.family);
    endpoint.port = static_cast<std::uint16_t>(event.port);
    std::memcpy(endpoint.address.data(), event.address, sizeof event.address);
    return endpoint;
  }

  // Most of those that nobody has are closed again; the kernel knows which are not. False where it
  // does not say so.
  static bool drop_closed(const std::vector<socket_event>& events, SocketPass::Inodes& missed) {
    if (missed.empty()) return true;
    const auto dumped = dump_listeners();
    if (!dumped) return false;
    std::set<std::uint64_t> open;
    for (const DumpedListener& one : *dumped) open.insert(one.cookie);
    const std::uint64_t own = own_net_cookie();
    for (const socket_event& event : events) {
      if (event.connects == 0 && event.net_cookie == own && !open.contains(event.cookie))
        missed.erase(event.inode);
    }
    return true;
  }

  struct Known {
    std::uint32_t policy = 0;
    std::string directory{};
  };

  WatchReport& report_;
  EndSignals signals_;
  PinChanges changes_;
  WatchedCgroups cgroups_;
  std::unique_ptr<SocketEvents> events_;
  std::map<std::uint64_t, Known> known_;
  std::uint64_t lost_ = 0;
  std::uint64_t lost_connections_ = 0;
  bool is_idle_ = false;
  bool has_taken_ = false;
};

}  // namespace

std::optional<Finding> watch(WatchReport& report, bool once) { return Watcher(report).run(once); }

}  // namespace sockopt
