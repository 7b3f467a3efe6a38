// SPDX-License-Identifier: MIT
//
// Loads the programs with a compiled policy, and links them to a cgroup. Everything is loaded, and
// every link made, before the first one becomes visible; to replace a policy, each link is switched
// to its new program, so that no call goes without.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <engine.skel.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

#include "tools/sockopt/bpf/attachment_files.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/compile_policy.h"
#include "tools/sockopt/bpf/engine_maps.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/bpf/host_support.h"
#include "tools/sockopt/bpf/loading.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

constexpr std::size_t kLinks = std::size(kLinkPins);

struct CloseEngine {
  void operator()(engine_programs* engine) const { engine_programs__destroy(engine); }
};
using Engine = std::unique_ptr<engine_programs, CloseEngine>;

// In the order of kLinkPins.
struct Hook {
  bpf_program* program = nullptr;
  bool needed = false;
};
using Hooks = std::array<Hook, kLinks>;

Hooks hooks_of(const engine_programs& engine, const PolicyImage& image) {
  const auto& programs = engine.progs;
  // Where one side's calls are ruled by its address, it has to be known which side a socket is.
  const bool connects = image.sets_clients || image.rules_listeners || image.rules_clients;
  const bool listens = image.sets_listeners || image.rules_listeners || image.sets_priority;
  return {{{programs.bind4, image.sets_bound},
           {programs.bind6, image.sets_bound},
           {programs.connect4, connects},
           {programs.connect6, connects},
           {programs.set_option, true},
           {programs.sock_ops, listens}}};
}

// A map that is there already goes on being used, if it is still of that kind.
void reuse(bpf_map* map, const std::string& pin) {
  const UniqueFd held = open_pin(pin);
  if (!held) return;
  bpf_map_info info = {};
  __u32 size = sizeof info;
  if (::bpf_obj_get_info_by_fd(held.get(), &info, &size) != 0) return;
  if (info.type == ::bpf_map__type(map) && info.value_size == ::bpf_map__value_size(map) &&
      info.max_entries == ::bpf_map__max_entries(map) &&
      info.map_flags == ::bpf_map__map_flags(map)) {
    ::bpf_map__reuse_fd(map, held.get());
  }
}

// An attachment in the making.
class Attaching {
 public:
  Attaching(const AttachRequest& request, const PinDirectory& pins)
      : request_(request),
        pins_(pins),
        cgroup_(cgroup_id(request.cgroup)),
        final_(pins.path_of(cgroup_)),
        image_(compile_policy(request.policy, KernelVersion::running())) {}

  std::variant<Attached, Finding> attach() {
    if (!request_.dry_run) remove_predecessor();
    find_neighbours();
    result_.replaced = ::access(final_.c_str(), F_OK) == 0;
    if (auto fault = load()) return *fault;
    for (std::size_t i = 0; i < kLinks; ++i) {
      if (hooks_[i].needed) result_.hooks.emplace_back(kLinkPins[i]);
    }
    if (request_.dry_run) return result_;
    if (auto fault = make_record()) return *fault;
    const UniqueFd cgroup(::open(request_.cgroup.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!cgroup) return failed(request_.cgroup, errno);
    if (auto fault = result_.replaced ? replace(cgroup.get()) : attach_new(cgroup.get())) {
      return *fault;
    }
    return result_;
  }

 private:
  // What is left of a cgroup of that name that is gone: of a unit that was not detached at its end.
  void remove_predecessor() {
    for (const std::uint64_t other : pins_.cgroups()) {
      const std::optional<ReadRecord> record = read_record(pins_.path_of(other));
      if (other == cgroup_ || !record) continue;
      const std::string directory = text_in(record->head.directory);
      if (directory != request_.cgroup || cgroup_id(directory) == other) continue;
      remove_pins(pins_.path_of(other));
    }
  }

  // Other attachments above and below: those have to heed each other from now on.
  void find_neighbours() {
    for (const std::uint64_t other : pins_.cgroups()) {
      if (other == cgroup_) continue;
      const std::optional<ReadRecord> record = read_record(pins_.path_of(other));
      if (!record) continue;
      const std::string directory = text_in(record->head.directory);
      if (cgroup_id(directory) != other) continue;  // removed
      const bool is_above = is_within(request_.cgroup, directory);
      const bool is_below = is_within(directory, request_.cgroup);
      if (is_above) result_.above.push_back(directory);
      if (is_below) result_.below.push_back(directory);
      if (is_above || is_below) neighbours_.push_back(other);
    }
  }

  std::optional<Finding> load() {
    keep_libbpf_messages();
    engine_.reset(engine_programs__open());
    if (!engine_) return failed("the programs cannot be opened", errno);
    if (!size_maps(*engine_, image_)) return failed("the maps cannot be made", errno);
    auto& fixed = *engine_->rodata;
    fixed.level = cgroup_level(cgroup_mount().value_or("/"), request_.cgroup);
    fixed.base_count = static_cast<__u32>(image_.base_rules.size());
    fixed.priority_option = image_.priority_option;
    fixed.has_programs = image_.has_programs;
    fixed.has_addresses = image_.has_addresses;
    fixed.follows_accepted = image_.rules_listeners || image_.rules_clients || image_.sets_priority;
    fixed.sets_priority = image_.sets_priority;
    fixed.precedes_bind = image_.precedes_bind;
    for (const OptionId id :
         options_left_to_watch(request_.policy, KernelVersion::running(), Side::kConnect)) {
      fixed.watched_on_connections |= 1ULL << id;
    }
    engine_->data_nested->nested = !neighbours_.empty();
    hooks_ = hooks_of(*engine_, image_);
    for (const Hook& hook : hooks_) ::bpf_program__set_autoload(hook.program, hook.needed);
    reuse(engine_->maps.owners, pins_.shared(kOwnersPin));
    if (result_.replaced) {
      reuse(engine_->maps.counters, final_ + "/" + kCountersPin);
      reuse(engine_->maps.refusals, final_ + "/" + kRefusalsPin);
      reuse(engine_->maps.set_by_program, final_ + "/" + kSetByProgramPin);
    }
    if (engine_programs__load(engine_.get()) != 0) {
      const int error = errno;
      return failed(fmt::format("the kernel does not take the programs ({})",
                                load_failure(libbpf_messages())),
                    error);
    }
    if (!fill_maps(*engine_, image_)) return failed("the policy does not fit into the maps", errno);
    return {};
  }

  std::optional<Finding> make_record() {
    AttachmentRecord head{};
    head.cgroup = cgroup_;
    head.since = ::time(nullptr);
    if (result_.replaced) {
      head.replaced = head.since;
      if (const auto before = read_record(final_)) head.since = before->head.since;
    }
    request_.cgroup.copy(head.directory, sizeof head.directory - 1);
    request_.target.copy(head.target, sizeof head.target - 1);
    record_ = write_record(head, request_.policy);
    if (!record_) return failed("the policy cannot be kept", errno);
    return {};
  }

  std::optional<Finding> attach_new(int cgroup) {
    const std::string draft = pins_.draft_of(cgroup_);
    if (::mkdir(draft.c_str(), 0700) != 0) return failed(draft, errno);
    std::optional<Finding> fault = pin_maps(draft);
    if (!fault) fault = pin(record_.get(), draft, kRecordPin);
    for (std::size_t i = 0; !fault && i < kLinks; ++i) {
      if (hooks_[i].needed) fault = link(i, cgroup);
    }
    tell_neighbours();
    for (std::size_t i = 0; !fault && i < kLinks; ++i) {
      if (hooks_[i].needed) fault = pin(links_[i].get(), draft, kLinkPins[i]);
    }
    if (!fault && ::rename(draft.c_str(), final_.c_str()) != 0) fault = failed(final_, errno);
    if (fault) remove_pins(draft);
    return fault;
  }

  // Where something fails, the links go back to their old programs.
  std::optional<Finding> replace(int cgroup) {
    tell_neighbours();
    const std::string next = final_ + "/" + kNextRecordPin;
    ::unlink(next.c_str());
    if (::bpf_obj_pin(record_.get(), next.c_str()) != 0) return failed(next, errno);
    std::optional<Finding> fault;
    struct Switched {
      UniqueFd link;
      UniqueFd program;
    };
    std::vector<Switched> switched;
    for (std::size_t i = 0; !fault && i < kLinks; ++i) {
      if (!hooks_[i].needed) continue;
      UniqueFd held = open_pin(final_ + "/" + kLinkPins[i]);
      if (!held || !is_link(held.get())) {
        fault = link(i, cgroup);
        continue;
      }
      UniqueFd before = program_of(held.get());
      const int fd = ::bpf_program__fd(hooks_[i].program);
      if (::bpf_link_update(held.get(), fd, nullptr) != 0) {
        fault = failed(fmt::format("{} cannot be replaced", kLinkPins[i]), errno);
      } else {
        switched.push_back({std::move(held), std::move(before)});
      }
    }
    if (!fault) fault = pin_replacement();
    const std::string record = final_ + "/" + kRecordPin;
    if (!fault && ::rename(next.c_str(), record.c_str()) != 0) fault = failed(record, errno);
    if (fault) {
      for (const Switched& one : switched) {
        ::bpf_link_update(one.link.get(), one.program.get(), nullptr);
      }
      ::unlink(next.c_str());
    }
    return fault;
  }

  std::optional<Finding> pin_replacement() {
    for (std::size_t i = 0; i < kLinks; ++i) {
      if (!links_[i]) continue;
      if (auto fault = pin(links_[i].get(), final_, kLinkPins[i])) return fault;
    }
    for (std::size_t i = 0; i < kLinks; ++i) {
      if (!hooks_[i].needed) ::unlink((final_ + "/" + kLinkPins[i]).c_str());
    }
    return pin_maps(final_);
  }

  // And nothing that somebody has put in its place.
  static bool is_link(int fd) {
    bpf_link_info info = {};
    __u32 size = sizeof info;
    return ::bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == BPF_LINK_TYPE_CGROUP;
  }

  static UniqueFd program_of(int link) {
    bpf_link_info info = {};
    __u32 size = sizeof info;
    if (::bpf_obj_get_info_by_fd(link, &info, &size) != 0) return UniqueFd();
    return UniqueFd(::bpf_prog_get_fd_by_id(info.prog_id));
  }

  std::optional<Finding> link(std::size_t index, int cgroup) {
    const bpf_program* program = hooks_[index].program;
    links_[index].reset(::bpf_link_create(::bpf_program__fd(program), cgroup,
                                          ::bpf_program__expected_attach_type(program), nullptr));
    if (links_[index]) return {};
    return failed(
        fmt::format("{} cannot be attached to {}", kLinkPins[index], printable(request_.cgroup)),
        errno);
  }

  std::optional<Finding> pin_maps(const std::string& directory) {
    const auto& maps = engine_->maps;
    const std::pair<int, const char*> all[] = {
        {::bpf_map__fd(maps.counters), kCountersPin},
        {::bpf_map__fd(maps.refusals), kRefusalsPin},
        {::bpf_map__fd(maps.set_by_program), kSetByProgramPin},
        {::bpf_map__fd(maps.data_nested), kNestedPin}};
    for (const auto& [fd, name] : all) {
      if (auto fault = pin(fd, directory, name)) return fault;
    }
    const std::string owners = pins_.shared(kOwnersPin);
    if (::access(owners.c_str(), F_OK) != 0 &&
        ::bpf_obj_pin(::bpf_map__fd(maps.owners), owners.c_str()) != 0) {
      return failed(owners, errno);
    }
    return {};
  }

  // In place of what has that name.
  static std::optional<Finding> pin(int fd, const std::string& directory, const char* name) {
    const std::string path = directory + "/" + name;
    const std::string fresh = directory + "/new_" + name;
    ::unlink(fresh.c_str());
    if (::bpf_obj_pin(fd, fresh.c_str()) != 0) return failed(fresh, errno);
    if (::rename(fresh.c_str(), path.c_str()) != 0) return failed(path, errno);
    return {};
  }

  // From now on a socket belongs to the nearest attachment.
  void tell_neighbours() const {
    for (const std::uint64_t other : neighbours_) {
      const UniqueFd map = open_pin(pins_.path_of(other) + "/" + kNestedPin);
      const __u32 key = 0;
      const __u32 nested = 1;
      if (map) ::bpf_map_update_elem(map.get(), &key, &nested, BPF_ANY);
    }
  }

  const AttachRequest& request_;
  const PinDirectory& pins_;
  std::uint64_t cgroup_;
  std::string final_;
  PolicyImage image_;
  Engine engine_;
  Hooks hooks_;
  std::array<UniqueFd, kLinks> links_;
  UniqueFd record_;
  std::vector<std::uint64_t> neighbours_;
  Attached result_;
};

}  // namespace

std::variant<Attached, Finding> attach_policy(const AttachRequest& request) {
  if (const auto obstacle = find_obstacle(request.policy.has_programs())) return *obstacle;
  if (cgroup_id(request.cgroup) == 0) {
    return Finding::error("bpf",
                          fmt::format("{}: is no cgroup of version 2", printable(request.cgroup)));
  }
  if (constexpr std::size_t kMost = sizeof AttachmentRecord::directory - 1;
      request.cgroup.size() > kMost) {
    return Finding::error(
        "bpf", fmt::format("{}: is longer than {} bytes", printable(request.cgroup, 80), kMost));
  }
  std::optional<Finding> fault;
  const std::optional<PinDirectory> pins = PinDirectory::open(true, fault);
  if (!pins) return *fault;
  auto done = Attaching(request, *pins).attach();
  if (request.dry_run) pins->remove_if_unused();
  return done;
}

}  // namespace sockopt
