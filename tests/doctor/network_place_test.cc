// SPDX-License-Identifier: MIT
//
// Whoever made a container sets its sysctls: each has a remedy of its own.
#include "tools/sockopt/diagnosis/network_place.h"

#include <gtest/gtest.h>

#include <utility>

namespace sockopt::test {
namespace {

TEST(ContainerOf, WhatTheRuntimesCallTheirCgroups) {
  const std::pair<const char*, Container> known[] = {
      {"0::/system.slice/nginx.service\n", Container::kNone},
      {"0::/user.slice/user-1000.slice/session-3.scope\n", Container::kNone},
      {"0::/\n", Container::kNone},
      {"", Container::kNone},
      {"0::/system.slice/docker-3f2a.scope\n", Container::kDocker},
      {"9:name=systemd:/docker/3f2a\n0::/docker/3f2a\n", Container::kDocker},
      {"0::/system.slice/docker.service\n", Container::kNone},
      {"0::/machine.slice/libpod-3f2a.scope\n", Container::kPodman},
      {"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/"
       "cri-containerd-3f2a.scope\n",
       Container::kPod},
      {"0::/kubepods/besteffort/pod1/docker-3f2a\n", Container::kPod},
      {"0::/lxc.payload.web/init.scope\n", Container::kLxc},
      {"0::/machine.slice/machine-web.scope\n", Container::kNspawn},
      {"0::/machine.slice/systemd-nspawn@web.service/payload\n", Container::kNspawn},
  };
  for (const auto& [cgroup, container] : known) {
    EXPECT_EQ(container_of(cgroup), container) << cgroup;
  }
}

NetworkPlace place(Container container) {
  NetworkPlace made;
  made.own_network = true;
  made.pid = 7;
  made.container = container;
  return made;
}

TEST(NetworkPlace, SetsASysctlWhereItIsRead) {
  constexpr char kName[] = "net.core.somaxconn";
  EXPECT_EQ(NetworkPlace{}.set(kName, "9"),
            "sysctl -w net.core.somaxconn=9 && echo net.core.somaxconn=9 "
            ">>/etc/sysctl.d/99-sockopt.conf");
  const std::string entered = "nsenter --net=/proc/7/ns/net sysctl -w net.core.somaxconn=9";
  EXPECT_EQ(place(Container::kNone).set(kName, "9"), entered);
  EXPECT_EQ(
      place(Container::kDocker).set(kName, "9"),
      "add `--sysctl net.core.somaxconn=9` to its `docker run`; until it restarts: " + entered);
  EXPECT_EQ(
      place(Container::kPodman).set(kName, "9"),
      "add `--sysctl net.core.somaxconn=9` to its `podman run`; until it restarts: " + entered);
  EXPECT_EQ(
      place(Container::kPod).set(kName, "9"),
      "in the pod's spec, securityContext.sysctls: [{name: net.core.somaxconn, value: "
      "\"9\"}], which the node's kubelet must allow (allowedUnsafeSysctls); until it restarts: " +
          entered);
  EXPECT_EQ(
      place(Container::kLxc).set(kName, "9"),
      "lxc.sysctl.net.core.somaxconn = 9 in its configuration; until it restarts: " + entered);
}

TEST(NetworkPlace, SetsASharedSysctlOnTheHost) {
  EXPECT_EQ(NetworkPlace{}.set_shared("a.b", "1 2"),
            "sysctl -w a.b='1 2' && echo a.b='1 2' >>/etc/sysctl.d/99-sockopt.conf");
  EXPECT_EQ(place(Container::kDocker).set_shared("a.b", "1"),
            "on the host: sysctl -w a.b=1 && echo a.b=1 >>/etc/sysctl.d/99-sockopt.conf");
}

}  // namespace
}  // namespace sockopt::test
