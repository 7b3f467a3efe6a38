// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/socket_pass.h"

#include <fcntl.h>
#include <netinet/tcp.h>

#include <string>
#include <string_view>
#include <utility>

#include "tools/inspect/read_small_file.h"
#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/bpf/engine_words.h"

namespace sockopt {

struct SocketPass::Visit {
  const ForeignProcess& process;
  const Attachment& attachment;
  std::string unit;
  NetNamespaces::Id net_namespace;
  Checker& checker;
};

bool SocketPass::visit(pid_t pid, const Inodes* only) {
  const Result<ForeignProcess> process = ForeignProcess::open(pid);
  if (!process) return false;
  std::optional<Visit> visit;
  const auto failure =
      process->each_socket_number([&](int number, std::uint64_t inode) -> std::optional<Failure> {
        if (only != nullptr && !only->contains(inode)) return std::nullopt;
        if (only != nullptr) found_.insert(inode);
        // Reads files that may keep us waiting: before there is a duplicate.
        if (!visit && !enter(*process, visit)) return Failure{Obstacle::kGone, {}, 0};
        const Result<std::optional<ForeignSocket>> socket = ForeignSocket::open(*process, number);
        if (!socket) return socket.failure();
        if (*socket) change(*visit, **socket);
        return std::nullopt;
      });
  if (failure) note_unreadable(unreadable_, process->entry(), *failure);
  return true;
}

// False where nothing is to be done for its sockets.
bool SocketPass::enter(const ForeignProcess& process, std::optional<Visit>& visit) {
  const Result<std::string> cgroup = read_small_file(process.directory(), "cgroup");
  if (!cgroup) return false;
  const Attachment* const attachment = cgroups_.nearest(*cgroup);
  if (attachment == nullptr || cgroups_.options(*attachment).empty()) return false;
  std::string name;
  if (attachment->policy->has_programs()) {
    const Result<std::string> path = read_link(process.directory(), "exe");
    if (path) name = executable_name(*path);
  }
  Program program;
  program.set(name, name, {});
  PolicyPool& policies = policies_of(*attachment);
  visit.emplace(Visit{.process = process,
                      .attachment = *attachment,
                      .unit = unit_of_cgroup(*cgroup),
                      .net_namespace = net_namespaces_.of(process),
                      .checker = policies.checker(policies.given(program))});
  return true;
}

void SocketPass::change(Visit& visit, const ForeignSocket& socket) {
  const SocketFacts& facts = socket.facts();
  if (facts.listening) return change(visit, socket, facts);
  const auto peer = peers_.find(facts.inode);
  const int state = facts.state.value_or(TCP_CLOSE);
  if (peer == peers_.end() || state == TCP_CLOSE) return;
  SocketFacts client = facts;
  client.peer = peer->second;
  change(visit, socket, client);
}

void SocketPass::change(Visit& visit, const ForeignSocket& socket, const SocketFacts& facts) {
  if (!met_.insert(facts.inode).second) {
    return log_.add_owner(facts.cookie, {visit.process.pid(), facts.fd});
  }
  const NetNamespaces::Id space = net_namespaces_.of(facts, visit.net_namespace);
  const Expected expected =
      cgroups_.left(visit.attachment, visit.checker.expect(facts, nullptr), socket.fd());
  LiveChanger changer(visit.checker, Mode::kChange);
  std::vector<OptionChange> changes =
      changer.change(socket, expected, net_namespaces_[space].limits, Refusals());
  // A longer backlog is the program's own, and what it asked for.
  std::erase_if(changes, [](const auto& one) { return one.outcome == Outcome::kKept; });
  if (changes.empty()) return log_.add_settled();
  log_.add(
      {.role = expected.role,
       .state = facts.state.value_or(0),
       .address = facts.listening ? facts.local : facts.peer,
       .program = visit.process.entry().name,
       .unit = visit.unit,
       .policy = visit.attachment.policy.get(),
       .changes = std::move(changes),
       .sockets = {}},
      {.cookie = facts.cookie, .owners = {{visit.process.pid(), facts.fd}}, .peer = facts.peer});
}

PolicyPool& SocketPass::policies_of(const Attachment& attachment) {
  std::unique_ptr<PolicyPool>& pool = policies_[&attachment];
  if (!pool) pool = std::make_unique<PolicyPool>(*attachment.policy, Basis::kGiven);
  return *pool;
}

}  // namespace sockopt
