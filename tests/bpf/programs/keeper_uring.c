/* SPDX-License-Identifier: MIT
 *
 * As keeper.c, with every call through io_uring: no function of the C library that a preloaded
 * library could stand before. Kernels before 6.11 bind and listen by system calls only. Exits with
 * 77 where there is no io_uring. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OP_SOCKET = 45, OP_BIND = 56, OP_LISTEN = 57 }; /* newer than some headers */

static int ring;
static struct io_uring_params params;
static struct io_uring_sqe* entries;
static char *submitted, *completed;

static uint32_t* field(char* ring_, uint32_t offset) { return (uint32_t*)(ring_ + offset); }

static int set_up(void) {
  ring = (int)syscall(SYS_io_uring_setup, 4, &params);
  if (ring < 0) return 0;
  submitted = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(uint32_t),
                   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  completed = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
                   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_CQ_RING);
  entries = mmap(NULL, params.sq_entries * sizeof *entries, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  return submitted != MAP_FAILED && completed != MAP_FAILED && (void*)entries != MAP_FAILED;
}

/* One operation, and its result: 0 or more, or the negative error. */
static int call(unsigned op, int fd, const void* address, uint64_t offset, uint32_t length) {
  uint32_t* tail = field(submitted, params.sq_off.tail);
  const uint32_t place = *tail & *field(submitted, params.sq_off.ring_mask);
  uint32_t* head = field(completed, params.cq_off.head);
  const struct io_uring_cqe* answers = (const void*)(completed + params.cq_off.cqes);
  int result;
  memset(&entries[place], 0, sizeof entries[place]);
  entries[place].opcode = (uint8_t)op;
  entries[place].fd = fd;
  entries[place].addr = (uint64_t)(uintptr_t)address;
  entries[place].off = offset;
  entries[place].len = length;
  field(submitted, params.sq_off.array)[place] = place;
  __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return -errno;
  result = answers[*head & *field(completed, params.cq_off.ring_mask)].res;
  __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
  return result;
}

int main(void) {
  struct sockaddr_in local;
  socklen_t length = sizeof local;
  int listener, client, bound;
  if (!set_up()) return 77;
  memset(&local, 0, sizeof local);
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = call(OP_SOCKET, AF_INET, NULL, SOCK_STREAM, 0);
  client = call(OP_SOCKET, AF_INET, NULL, SOCK_STREAM, 0);
  if (listener < 0 || client < 0) return 77;
  bound = call(OP_BIND, listener, &local, sizeof local, 0);
  if (bound == -EINVAL) {
    bound = bind(listener, (struct sockaddr*)&local, sizeof local);
    if (bound == 0) bound = listen(listener, 5);
  } else if (bound == 0) {
    bound = call(OP_LISTEN, listener, NULL, 0, 5);
  }
  if (bound != 0 || getsockname(listener, (struct sockaddr*)&local, &length) != 0 ||
      call(IORING_OP_CONNECT, client, &local, sizeof local, 0) != 0) {
    perror("keeper_uring");
    return 1;
  }
  printf("port %d\n", ntohs(local.sin_port));
  fflush(stdout);
  for (;;) call(IORING_OP_ACCEPT, listener, NULL, 0, 0);
}
