// SPDX-License-Identifier: MIT
//
// The programs of `watch`: called by the kernel when a process of the cgroup listens or connects,
// they say which socket that is. What else the kernel calls them for, they leave alone.

// <linux/bpf.h> has the types of those behind it.
// clang-format off
#include "tools/sockopt/bpf/socket_event.h"

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#define AF_INET6 10

// Of the words the kernel knows, the one with MIT in it: others may not call what is called here.
char license_text[] SEC("license") = "Dual MIT/GPL";

// Events for which there was no room.
volatile __u64 lost = 0;
volatile __u64 lost_connections = 0;

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, SOCKET_RING_BYTES);
} events SEC(".maps");

// The little of the kernel's own types that is needed, wherever it stands in this kernel.
struct task_struct {
  int tgid;
} __attribute__((preserve_access_index));
struct inode {
  unsigned long i_ino;
} __attribute__((preserve_access_index));
struct file {
  struct inode* f_inode;
} __attribute__((preserve_access_index));
struct socket {
  struct file* file;
} __attribute__((preserve_access_index));
struct sock {
  struct socket* sk_socket;
} __attribute__((preserve_access_index));

// Of two fields the compiler would make one load at a changing place, which the verifier refuses.
#define FIELD(name_)         \
  ({                         \
    __u32 read = ctx->name_; \
    barrier_var(read);       \
    read;                    \
  })

static __always_inline int tell(struct bpf_sock_ops* ctx, bool connects) {
  struct bpf_sock* sk = ctx->sk;
  if (!sk) return 1;
  // A TCP socket is a sock at its beginning. The kernel's own, which MPTCP uses, have no file.
  struct sock* kernels = (struct sock*)bpf_skc_to_tcp_sock(sk);
  __u64 inode = kernels ? BPF_CORE_READ(kernels, sk_socket, file, f_inode, i_ino) : 0;
  if (connects && !inode) return 1;
  // However many connect, listeners have room.
  bool has_room =
      !connects || bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < SOCKET_RING_BYTES / 2;
  struct socket_event* event = has_room ? bpf_ringbuf_reserve(&events, sizeof *event, 0) : 0;
  if (!event) {
    __sync_fetch_and_add(connects ? &lost_connections : &lost, 1);
    return 1;
  }
  __builtin_memset(event, 0, sizeof *event);
  event->cookie = bpf_get_socket_cookie(ctx);
  event->net_cookie = bpf_get_netns_cookie(ctx);
  event->inode = inode;
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  event->pid = (__u32)BPF_CORE_READ(task, tgid);
  event->connects = connects;
  event->family = ctx->family;
  event->port = connects ? bpf_ntohl(FIELD(remote_port)) : FIELD(local_port);
  if (ctx->family != AF_INET6) {
    event->address[0] = connects ? FIELD(remote_ip4) : FIELD(local_ip4);
  } else {
    event->address[0] = connects ? FIELD(remote_ip6[0]) : FIELD(local_ip6[0]);
    event->address[1] = connects ? FIELD(remote_ip6[1]) : FIELD(local_ip6[1]);
    event->address[2] = connects ? FIELD(remote_ip6[2]) : FIELD(local_ip6[2]);
    event->address[3] = connects ? FIELD(remote_ip6[3]) : FIELD(local_ip6[3]);
  }
  bpf_ringbuf_submit(event, 0);
  return 1;
}

SEC("sockops")
int sockopt_listen(struct bpf_sock_ops* ctx) {
  return ctx->op == BPF_SOCK_OPS_TCP_LISTEN_CB ? tell(ctx, false) : 1;
}

// Where a policy leaves settings of connections to `watch`.
SEC("sockops")
int sockopt_connect(struct bpf_sock_ops* ctx) {
  return ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB ? tell(ctx, true) : 1;
}
