// SPDX-License-Identifier: MIT
//
// The directories and pins of attachments. One command at a time works on them: it holds a lock,
// and removes what another one that was killed left half made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shim/policy/policy.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// The pins of an attachment.
inline constexpr const char* kRecordPin = "policy";
/// The record that is to take its place, until all else has been replaced.
inline constexpr const char* kNextRecordPin = "new_policy";
inline constexpr const char* kCountersPin = "counters";
inline constexpr const char* kRefusalsPin = "refusals";
inline constexpr const char* kSetByProgramPin = "set_by_program";
inline constexpr const char* kNestedPin = "nested";

/// What all of them share: which attachment a socket belongs to.
inline constexpr const char* kOwnersPin = "owners";

/// The links, one for each program, by its name.
inline constexpr const char* kLinkPins[] = {"bind4",    "bind6",      "connect4",
                                            "connect6", "set_option", "sock_ops"};

/// What is kept of an attachment beside its programs; the policy's bytes follow it.
struct AttachmentRecord {
  static constexpr char kMagic[8] = "sockbpf";

  char magic[8];
  std::uint32_t layout;  ///< policy_layout()
  std::uint32_t policy_size;
  std::uint64_t cgroup;
  std::int64_t since;
  char directory[1016];
  std::int64_t replaced;  ///< when it got the policy that it has; 0: it is the first
  char target[256];
};

/// The lock, and the directory under it. Not made where it is only to be looked at.
class PinDirectory {
 public:
  static std::optional<PinDirectory> open(bool make, std::optional<Finding>& fault);

  static std::string path_of(std::uint64_t cgroup);
  /// Where an attachment is put together before it gets its name.
  std::string draft_of(std::uint64_t cgroup) const;
  std::string shared(const char* name) const;
  std::vector<std::uint64_t> cgroups() const;
  /// Without an attachment, nothing is left of it.
  void remove_if_unused() const;

 private:
  explicit PinDirectory(UniqueFd lock) : lock_(std::move(lock)) {}
  void remove_drafts() const;

  UniqueFd lock_;
};

/// Removes a directory of pins and what is in it. False with errno where that fails.
bool remove_pins(const std::string& directory);

UniqueFd open_pin(const std::string& path);

/// The record of an attachment, checked; nothing where it cannot be read.
struct ReadRecord {
  AttachmentRecord head;
  std::uint32_t map = 0;  ///< the kernel's number of the map that holds it
  std::unique_ptr<Policy> policy;
};
std::optional<ReadRecord> read_record(const std::string& directory);

/// A map that holds a record, to be pinned, with the policy as short as it can be; `head` says all
/// but what tells how to read it. No descriptor, with errno, where that fails.
UniqueFd write_record(AttachmentRecord head, const Policy& policy);

/// The text in an array of a record, which need not end.
template <std::size_t kSize>
std::string text_in(const char (&array)[kSize]) {
  std::size_t length = 0;
  while (length < kSize && array[length] != '\0') ++length;
  return std::string(array, length);
}

}  // namespace sockopt
