// SPDX-License-Identifier: MIT
//
// The program of `watch`: called by the kernel when a process of the cgroup listens, it says which
// socket that is. What else the kernel calls it for, it leaves alone.

// <linux/bpf.h> has the types of those behind it.
// clang-format off
#include "tools/sockopt/bpf/listen_event.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#define AF_INET6 10

// Of the words the kernel knows, the one with MIT in it: others may not call what is called here.
char license_text[] SEC("license") = "Dual MIT/GPL";

// Events for which there was no room.
volatile __u64 lost = 0;

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, LISTEN_RING_BYTES);
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

SEC("sockops")
int on_listen(struct bpf_sock_ops* ctx) {
  if (ctx->op != BPF_SOCK_OPS_TCP_LISTEN_CB) return 1;
  struct bpf_sock* sk = ctx->sk;
  if (!sk) return 1;
  struct listen_event* event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
  if (!event) {
    __sync_fetch_and_add(&lost, 1);
    return 1;
  }
  __builtin_memset(event, 0, sizeof *event);
  event->cookie = bpf_get_socket_cookie(ctx);
  event->net_cookie = bpf_get_netns_cookie(ctx);
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  event->pid = (__u32)BPF_CORE_READ(task, tgid);
  // A TCP socket is a sock at its beginning.
  struct sock* kernels = (struct sock*)bpf_skc_to_tcp_sock(sk);
  if (kernels) event->inode = BPF_CORE_READ(kernels, sk_socket, file, f_inode, i_ino);
  event->family = ctx->family;
  event->port = ctx->local_port;
  if (ctx->family == AF_INET6) {
    event->address[0] = ctx->local_ip6[0];
    event->address[1] = ctx->local_ip6[1];
    event->address[2] = ctx->local_ip6[2];
    event->address[3] = ctx->local_ip6[3];
  } else {
    event->address[0] = ctx->local_ip4;
  }
  bpf_ringbuf_submit(event, 0);
  return 1;
}
