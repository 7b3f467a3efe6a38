// SPDX-License-Identifier: MIT
//
// What is kept of an attachment in the kernel is checked when it is read: another version of the
// command may have written it, or somebody else changed it.
#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "shim/options/lookup.h"
#include "tests/bpf/engine_host.h"
#include "tests/support/script.h"
#include "tools/inspect/foreign_process.h"
#include "tools/inspect/foreign_socket.h"
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

// Of connections, which are many, nothing that nobody asks for later.
TEST(ReadBack, OfWhatAProgramSetsIsKeptWhatMatters) {
  SOCKOPT_NEEDS_ENGINE();
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  Process server(cgroup.inside({.argv = {"python3", "-c", R"(
import socket, time
l = socket.socket()
l.setsockopt(6, 4, 7)
l.bind(("127.0.0.1", 0))
l.listen()
c = socket.create_connection(l.getsockname())
a, _ = l.accept()
for s in (c, a): s.setsockopt(6, 4, 8)
print("ready", flush=True)
time.sleep(600)
)"}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return server.output() == "ready\n"; }));
  const UniqueFd map =
      open_pin(PinDirectory::path_of(cgroup_id(cgroup.path())) + "/" + kSetByProgramPin);
  const Result<ForeignProcess> process = ForeignProcess::open(server.pid());
  ASSERT_TRUE(map && process);
  int listeners = 0;
  int connections = 0;
  const auto failure =
      process->each_socket_number([&](int number, std::uint64_t) -> std::optional<Failure> {
        const Result<std::optional<ForeignSocket>> socket = ForeignSocket::open(*process, number);
        if (!socket || !*socket) return std::nullopt;
        const bool listens = (*socket)->facts().listening;
        const int fd = (*socket)->fd();
        std::uint64_t own = 0;
        EXPECT_EQ(bpf_map_lookup_elem(map.get(), &fd, &own) == 0, listens);
        EXPECT_EQ(own, listens ? std::uint64_t{1} << find_option("keepidle") : 0);
        ++(listens ? listeners : connections);
        return std::nullopt;
      });
  EXPECT_FALSE(failure);
  EXPECT_EQ(listeners, 1);
  EXPECT_EQ(connections, 2);
}

// Somebody who may has put other objects in the place of each: they are neither read nor kept, and
// what is attached is replaced and removed all the same.
TEST(ReadBack, OtherObjectsInThePlaceOfPins) {
  SOCKOPT_NEEDS_ENGINE();
  const TestCgroup cgroup;
  const auto make = [](bpf_map_type type, std::uint32_t value_size, std::uint32_t entries) {
    return UniqueFd(bpf_map_create(type, "other", sizeof(__u32), value_size, entries, nullptr));
  };
  const UniqueFd others[] = {make(BPF_MAP_TYPE_HASH, 8, 8), make(BPF_MAP_TYPE_ARRAY, 4, 1),
                             make(BPF_MAP_TYPE_ARRAY, 4096, 64),
                             make(BPF_MAP_TYPE_PERCPU_ARRAY, 8, 1)};
  std::vector<std::string> names = {kRecordPin, kCountersPin, kRefusalsPin, kSetByProgramPin,
                                    kNestedPin};
  names.insert(names.end(), std::begin(kLinkPins), std::end(kLinkPins));
  for (const UniqueFd& other : others) ASSERT_TRUE(other);
  for (const std::string& name : names) {
    cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\npriority = 3\n");
    const std::string pin = PinDirectory::path_of(cgroup_id(cgroup.path())) + "/" + name;
    for (const UniqueFd& other : others) {
      ASSERT_EQ(unlink(pin.c_str()), 0) << pin;
      ASSERT_EQ(bpf_obj_pin(other.get(), pin.c_str()), 0) << pin;
      EXPECT_TRUE(sockopt({"attach", "--list"}).success()) << pin;
      EXPECT_EQ(status(sockopt({"watch", "--once"})), 0) << pin;
    }
    cgroup.attach_quietly("[sockopt]\nkeepidle = 61s\npriority = 3\n");
    play(
        cgroup.inside(actor("listener l; client c l; accept a l; get a TCP_KEEPIDLE = 61; "
                            "get c TCP_KEEPIDLE = 61; get a SO_PRIORITY = 3",
                            plain_environment())));
    const Finished detached = cgroup.detach();
    EXPECT_TRUE(detached.success()) << pin << detached.error;
    EXPECT_EQ(sockopt({"attach", "--list"}).output, "Nothing is attached.\n");
    EXPECT_EQ(run({.argv = {"bpftool", "cgroup", "show", cgroup.path()}}).output, "") << pin;
  }
}

}  // namespace
}  // namespace sockopt::test
