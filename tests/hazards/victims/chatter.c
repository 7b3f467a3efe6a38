/* SPDX-License-Identifier: MIT
 *
 * chatter SOCKETS: opens so many TCP sockets that a talkative shim has a lot to say. Half-way,
 * descriptor 2 becomes a client's connection. Tells what the client received. */
#define _GNU_SOURCE
#include "victim.h"

static void open_many(long count) {
  for (long i = 0; i < count; ++i) close(socket(AF_INET, SOCK_STREAM, 0));
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  alarm(kPatienceSeconds);
  const long count = strtol(argv[1], NULL, 10);
  const int listener = listen_on(1, 5);
  const int client = dial(listener);
  open_many(count);
  const off_t said = lseek(STDERR_FILENO, 0, SEEK_END);
  close(STDERR_FILENO);
  const int connection = accept(listener, NULL, NULL);
  open_many(count);
  set_keepidle(connection, 30);
  char text[1000];
  const ssize_t got = recv(client, text, sizeof text, MSG_DONTWAIT);
  tell("said", "%ld", (long)said);
  tell("connection", "%d", connection);
  tell("received", "%ld", (long)got);
  return 0;
}
