// SPDX-License-Identifier: MIT
//
// CZMQ's sockets: without an argument a server that echoes, on a port that the kernel chooses; with
// a port, a client that says what came back and then holds its connection.
#include <czmq.h>

int main(int argc, char** argv) {
  zsys_handler_set(NULL);  // a signal is to end it
  if (argc < 2) {
    zsock_t* server = zsock_new_rep("tcp://127.0.0.1:*");
    for (char* request; (request = zstr_recv(server)) != NULL; zstr_free(&request)) {
      zstr_send(server, request);
    }
    return 1;
  }
  char endpoint[64];
  snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%s", argv[1]);
  zsock_t* client = zsock_new_req(endpoint);
  zstr_send(client, "hello");
  char* reply = zstr_recv(client);
  printf("%s\n", reply);
  fflush(stdout);
  pause();
  zstr_free(&reply);
  return 0;
}
