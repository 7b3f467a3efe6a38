/* A server that pins its buffers to 64 KiB, receives 64 MiB over loopback and prints what became of
   its receive buffer: at first, in the end, and whether the kernel may still tune it. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOTAL (64 << 20)

static int get(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(fd, SOL_SOCKET, name, &value, &size);
  return value;
}

static void* pour(void* fd) {
  static char bytes[1 << 16];
  for (long sent = 0; sent < TOTAL;) {
    const ssize_t count = send(*(int*)fd, bytes, sizeof bytes, MSG_NOSIGNAL);
    if (count <= 0) exit(3);
    sent += count;
  }
  return NULL;
}

int main(void) {
  const int size = 64 << 10;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) != 0 ||
      setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
      bind(listener, (struct sockaddr*)&address, length) != 0 || listen(listener, 5) != 0 ||
      getsockname(listener, (struct sockaddr*)&address, &length) != 0) {
    return 1;
  }
  int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, (struct sockaddr*)&address, length) != 0) return 1;
  const int accepted = accept(listener, NULL, NULL);
  const int first = get(accepted, SO_RCVBUF);
  pthread_t sender;
  if (pthread_create(&sender, NULL, pour, &client) != 0) return 1;
  static char bytes[1 << 20];
  for (long received = 0; received < TOTAL;) {
    const ssize_t count = recv(accepted, bytes, sizeof bytes, 0);
    if (count <= 0) return 2;
    received += count;
  }
  pthread_join(sender, NULL);
  printf("first %d last %d locked %d\n", first, get(accepted, SO_RCVBUF), get(accepted, 72));
  return 0;
}
