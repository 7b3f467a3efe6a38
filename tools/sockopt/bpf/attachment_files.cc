// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/attachment_files.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "shim/preload/region.h"
#include "tools/sockopt/bpf/host_support.h"

namespace sockopt {
namespace {

constexpr std::string_view kDraft = "new_";

std::vector<std::string> entries_of(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    names.push_back(it->path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_at(int directory, const char* path) {
  struct stat held = {};
  struct stat named = {};
  return ::fstat(directory, &held) == 0 && ::lstat(path, &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

Finding cannot(const std::string& path) {
  return Finding::error("bpf", fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace

std::optional<PinDirectory> PinDirectory::open(bool make, std::optional<Finding>& fault) {
  if (make && ::mkdir(kPinDirectory, 0700) != 0 && errno != EEXIST) {
    fault = cannot(kPinDirectory);
    return {};
  }
  UniqueFd lock(::open(kPinDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!lock) {
    if (make && errno == ENOENT) return open(make, fault);
    if (make || errno != ENOENT) fault = cannot(kPinDirectory);
    return {};
  }
  if (::flock(lock.get(), LOCK_EX) != 0) {
    fault = cannot(kPinDirectory);
    return {};
  }
  // Whoever held the lock may have removed it.
  if (!is_at(lock.get(), kPinDirectory)) return open(make, fault);
  PinDirectory directory(std::move(lock));
  directory.remove_drafts();
  return directory;
}

std::string PinDirectory::path_of(std::uint64_t cgroup) {
  return fmt::format("{}/{}", kPinDirectory, cgroup);
}

std::string PinDirectory::draft_of(std::uint64_t cgroup) const {
  return fmt::format("{}/{}{}", kPinDirectory, kDraft, cgroup);
}

std::string PinDirectory::shared(const char* name) const {
  return fmt::format("{}/{}", kPinDirectory, name);
}

std::vector<std::uint64_t> PinDirectory::cgroups() const {
  std::vector<std::uint64_t> found;
  for (const std::string& name : entries_of(kPinDirectory)) {
    std::uint64_t cgroup = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, cgroup);
    if (read.ec == std::errc() && read.ptr == end) found.push_back(cgroup);
  }
  return found;
}

void PinDirectory::remove_if_unused() const {
  if (!cgroups().empty()) return;
  ::unlink(shared(kOwnersPin).c_str());
  ::rmdir(kPinDirectory);
}

void PinDirectory::remove_drafts() const {
  for (const std::string& name : entries_of(kPinDirectory)) {
    if (name.starts_with(kDraft)) remove_pins(shared(name.c_str()));
  }
}

bool remove_pins(const std::string& directory) {
  for (const std::string& name : entries_of(directory)) {
    if (::unlink((directory + "/" + name).c_str()) != 0) return false;
  }
  return ::rmdir(directory.c_str()) == 0;
}

UniqueFd open_pin(const std::string& path) { return UniqueFd(::bpf_obj_get(path.c_str())); }

std::optional<ReadRecord> read_record(const std::string& directory) {
  const UniqueFd map = open_pin(directory + "/" + kRecordPin);
  if (!map) return {};
  bpf_map_info info = {};
  __u32 size = sizeof info;
  if (::bpf_obj_get_info_by_fd(map.get(), &info, &size) != 0 || info.type != BPF_MAP_TYPE_ARRAY ||
      info.key_size != sizeof(__u32) || info.value_size < sizeof(AttachmentRecord) ||
      info.value_size > sizeof(AttachmentRecord) + sizeof(Policy) + 8) {
    return {};
  }
  std::vector<unsigned char> bytes(info.value_size);
  const __u32 key = 0;
  if (::bpf_map_lookup_elem(map.get(), &key, bytes.data()) != 0) return {};
  ReadRecord record;
  record.map = info.id;
  std::memcpy(&record.head, bytes.data(), sizeof record.head);
  if (std::memcmp(record.head.magic, AttachmentRecord::kMagic, sizeof record.head.magic) != 0) {
    return {};
  }
  const std::size_t policy_size = record.head.policy_size;
  if (record.head.layout == policy_layout() && policy_size <= sizeof(Policy) &&
      sizeof record.head + policy_size <= bytes.size()) {
    auto policy = std::make_unique_for_overwrite<Policy>();
    std::memcpy(static_cast<void*>(policy.get()), bytes.data() + sizeof record.head, policy_size);
    if (policy->is_consistent(policy_size)) record.policy = std::move(policy);
  }
  return record;
}

UniqueFd write_record(AttachmentRecord head, const Policy& policy) {
  const auto copy = std::make_unique<Policy>();
  std::memcpy(static_cast<void*>(copy.get()), &policy, sizeof(Policy));
  const std::size_t size = copy->compact();
  std::memcpy(head.magic, AttachmentRecord::kMagic, sizeof head.magic);
  head.layout = policy_layout();
  head.policy_size = static_cast<std::uint32_t>(size);
  std::vector<unsigned char> bytes((sizeof head + size + 7) & ~std::size_t{7});
  std::memcpy(bytes.data(), &head, sizeof head);
  std::memcpy(bytes.data() + sizeof head, copy.get(), size);
  UniqueFd map(::bpf_map_create(BPF_MAP_TYPE_ARRAY, "sockopt_policy", sizeof(__u32),
                                static_cast<__u32>(bytes.size()), 1, nullptr));
  const __u32 key = 0;
  if (map && ::bpf_map_update_elem(map.get(), &key, bytes.data(), BPF_ANY) != 0) {
    const int error = errno;
    map = UniqueFd();
    errno = error;
  }
  return map;
}

}  // namespace sockopt
