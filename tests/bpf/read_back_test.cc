// SPDX-License-Identifier: MIT
//
// What is kept of an attachment in the kernel is checked when it is read: another version of the
// command may have written it, or somebody else changed it.
#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/bpf/engine_host.h"
#include "tools/sockopt/bpf/attachment_files.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"

namespace sockopt::test {
namespace {

TEST(ReadBack, IsNotTrusted) {
  SOCKOPT_NEEDS_ENGINE();
  const TestCgroup cgroup;
  cgroup.attach_quietly(
      "[rule a]\nprogram = a*, b\nlisten = 127.0.0.0/8:80, *:90\nkeepidle = 60s\n");
  const std::string pins = PinDirectory::path_of(cgroup_id(cgroup.path()));
  const UniqueFd map = open_pin(pins + "/" + kRecordPin);
  ASSERT_TRUE(map);
  bpf_map_info info = {};
  __u32 size = sizeof info;
  ASSERT_EQ(bpf_obj_get_info_by_fd(map.get(), &info, &size), 0);
  const __u32 key = 0;
  std::vector<unsigned char> bytes(info.value_size);
  ASSERT_EQ(bpf_map_lookup_elem(map.get(), &key, bytes.data()), 0);
  const auto has_policy_with = [&](std::size_t at, unsigned char value) {
    const unsigned char before = std::exchange(bytes[at], value);
    EXPECT_EQ(bpf_map_update_elem(map.get(), &key, bytes.data(), BPF_ANY), 0);
    bytes[at] = before;
    const auto read = list_attachments();
    const auto* all = std::get_if<std::vector<Attachment>>(&read);
    return all != nullptr && all->size() == 1 && all->front().policy != nullptr;
  };
  EXPECT_TRUE(has_policy_with(0, bytes[0]));
  for (const std::size_t at :
       {offsetof(AttachmentRecord, magic), offsetof(AttachmentRecord, layout),
        offsetof(AttachmentRecord, policy_size) + 3}) {
    EXPECT_FALSE(has_policy_with(at, static_cast<unsigned char>(bytes[at] + 1))) << at;
  }
  EXPECT_TRUE(contains(sockopt({"attach", "--list"}).output, "another version's policy"));
  // Whatever it holds, it is read or refused; sanitizers would tell of more.
  int refused = 0;
  for (std::size_t at = sizeof(AttachmentRecord); at < bytes.size(); ++at) {
    refused += has_policy_with(at, static_cast<unsigned char>(bytes[at] ^ 0xff)) ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace sockopt::test
