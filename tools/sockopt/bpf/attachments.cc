// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/attachments.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <numeric>
#include <string_view>

#include "tools/sockopt/bpf/attachment_files.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/host_support.h"
#include "tools/sockopt/bpf/socket_event.h"

namespace sockopt {
namespace {

// Of an array whose values have this size; nothing is read of another one.
bool has_values_of(int map, bpf_map_type type, std::size_t value_size, std::uint32_t entries) {
  bpf_map_info info = {};
  __u32 size = sizeof info;
  return ::bpf_obj_get_info_by_fd(map, &info, &size) == 0 && info.type == type &&
         info.key_size == sizeof(__u32) && info.value_size == value_size &&
         info.max_entries == entries;
}

void read_counters(const std::string& directory, Attachment& attachment) {
  const UniqueFd map = open_pin(directory + "/" + kCountersPin);
  if (!map || !has_values_of(map.get(), BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(std::uint64_t),
                             ENGINE_COUNTERS)) {
    return;
  }
  std::vector<std::uint64_t> of_cpus(static_cast<std::size_t>(::libbpf_num_possible_cpus()));
  for (__u32 counter = 0; counter < ENGINE_COUNTERS; ++counter) {
    if (::bpf_map_lookup_elem(map.get(), &counter, of_cpus.data()) != 0) continue;
    attachment.counters[counter] =
        std::accumulate(of_cpus.begin(), of_cpus.end(), std::uint64_t{0});
  }
}

void read_refusals(const std::string& directory, Attachment& attachment) {
  const UniqueFd map = open_pin(directory + "/" + kRefusalsPin);
  if (!map ||
      !has_values_of(map.get(), BPF_MAP_TYPE_ARRAY, sizeof(engine_refusal), ENGINE_OPTIONS)) {
    return;
  }
  for (__u32 option = 0; option < ENGINE_OPTIONS; ++option) {
    engine_refusal refusal = {};
    if (::bpf_map_lookup_elem(map.get(), &option, &refusal) != 0 || refusal.count == 0) continue;
    if (attachment.policy && option >= attachment.policy->option_count()) continue;
    attachment.refusals.push_back(
        {static_cast<OptionId>(option), refusal.count, refusal.error < 0 ? -refusal.error : 0});
  }
}

// Of a cgroup that is removed the kernel lets go at some time: its links then belong to none.
void read_links(const std::string& directory, Attachment& attachment) {
  bool held = false;
  for (const char* name : kLinkPins) {
    const UniqueFd link = open_pin(directory + "/" + name);
    if (!link) continue;
    bpf_link_info info = {};
    __u32 size = sizeof info;
    if (::bpf_obj_get_info_by_fd(link.get(), &info, &size) != 0 ||
        info.type != BPF_LINK_TYPE_CGROUP) {
      continue;
    }
    attachment.hooks.emplace_back(name);
    held = held || info.cgroup.cgroup_id != 0;
  }
  attachment.gone = !held;
}

// Whether a program of `watch` is on the cgroup.
std::optional<bool> find_watch(const std::string& directory) {
  const UniqueFd cgroup(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  __u32 ids[64];  // as many as the kernel lets be on one
  __u32 count = std::size(ids);
  if (!cgroup ||
      ::bpf_prog_query(cgroup.get(), BPF_CGROUP_SOCK_OPS, 0, nullptr, ids, &count) != 0) {
    return {};
  }
  for (__u32 i = 0; i < count; ++i) {
    const UniqueFd program(::bpf_prog_get_fd_by_id(ids[i]));
    bpf_prog_info info = {};
    __u32 size = sizeof info;
    if (!program && errno != ENOENT) return {};
    if (!program || ::bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0) continue;
    if (std::string_view(info.name) == WATCH_PROGRAM) return true;
  }
  return false;
}

Attachment read_attachment(const PinDirectory& pins, const std::string& mount,
                           std::uint64_t cgroup) {
  Attachment attachment;
  attachment.cgroup = cgroup;
  const std::string directory = pins.path_of(cgroup);
  if (std::optional<ReadRecord> record = read_record(directory)) {
    attachment.directory = text_in(record->head.directory);
    attachment.target = text_in(record->head.target);
    attachment.since = record->head.since;
    attachment.replaced = record->head.replaced;
    attachment.policy_id = record->map;
    attachment.policy = std::move(record->policy);
  }
  attachment.unfinished = ::access((directory + "/" + kNextRecordPin).c_str(), F_OK) == 0;
  read_links(directory, attachment);
  attachment.gone = attachment.gone || is_removed_cgroup(mount, cgroup);
  if (!attachment.gone) attachment.watched = find_watch(attachment.directory);
  read_counters(directory, attachment);
  read_refusals(directory, attachment);
  return attachment;
}

}  // namespace

std::string engine_lacks() { return {}; }

std::variant<std::vector<Attachment>, Finding> list_attachments() {
  if (const auto obstacle = find_obstacle(false)) return *obstacle;
  std::optional<Finding> fault;
  const std::optional<PinDirectory> pins = PinDirectory::open(false, fault);
  if (fault) return *fault;
  std::vector<Attachment> all;
  if (!pins) return all;
  pins->remove_if_unused();  // where a command was killed that had not attached yet
  const std::string mount = cgroup_mount().value_or("");
  for (const std::uint64_t cgroup : pins->cgroups()) {
    all.push_back(read_attachment(*pins, mount, cgroup));
  }
  std::sort(all.begin(), all.end(),
            [](const Attachment& a, const Attachment& b) { return a.directory < b.directory; });
  return all;
}

std::variant<bool, Finding> detach_cgroup(std::uint64_t cgroup) {
  if (const auto obstacle = find_obstacle(false)) return *obstacle;
  std::optional<Finding> fault;
  const std::optional<PinDirectory> pins = PinDirectory::open(false, fault);
  if (fault) return *fault;
  if (!pins) return false;
  const std::vector<std::uint64_t> all = pins->cgroups();
  if (std::find(all.begin(), all.end(), cgroup) == all.end()) return false;
  // As a draft, which the next command removes if this one is killed.
  const std::string directory = pins->path_of(cgroup);
  const std::string draft = pins->draft_of(cgroup);
  if (::rename(directory.c_str(), draft.c_str()) != 0 || !remove_pins(draft)) {
    return Finding::error("bpf", fmt::format("{}: {}", directory, std::strerror(errno)));
  }
  pins->remove_if_unused();
  return true;
}

}  // namespace sockopt
