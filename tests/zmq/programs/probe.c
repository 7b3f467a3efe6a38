// SPDX-License-Identifier: MIT
//
// Does what its arguments say with ZeroMQ sockets, and prints each answer with its errno:
//   make TYPE          a new socket; it is the one that the others are about
//   set OPTION VALUE   get OPTION   wrong OPTION (sizes and values that no option has)
//   end (its context ends)
//   bind ENDPOINT      connect ENDPOINT   unbind ENDPOINT   disconnect ENDPOINT
//   close              broken (calls that cannot succeed)
//   wait               for a line of input
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void say(const char* what, int result) {
  printf("%s: %d", what, result);
  if (result != 0) printf(" %s", zmq_strerror(errno));
  printf("\n");
}

static void broken(void* context) {
  const int one = 1;
  char not_a_socket[1024] = {0};
  errno = 0;
  printf("no context: %d", zmq_socket(NULL, ZMQ_REQ) == NULL);
  printf(" %d\n", errno == EFAULT);
  printf("no type: %d", zmq_socket(context, 4711) == NULL);
  printf(" %d\n", errno == EINVAL);
  say("set without a socket", zmq_setsockopt(NULL, ZMQ_LINGER, &one, sizeof one));
  say("set on no socket", zmq_setsockopt(not_a_socket, ZMQ_LINGER, &one, sizeof one));
  say("bind without a socket", zmq_bind(NULL, "tcp://127.0.0.1:*"));
  say("connect on no socket", zmq_connect(not_a_socket, "tcp://127.0.0.1:1"));
  say("unbind without a socket", zmq_unbind(NULL, "tcp://127.0.0.1:1"));
  say("disconnect without a socket", zmq_disconnect(NULL, "tcp://127.0.0.1:1"));
  say("close without a socket", zmq_close(NULL));
}

static void wrong(void* socket, int option) {
  const long long much = 1LL << 40;
  say("set to nothing", zmq_setsockopt(socket, option, NULL, 0));
  say("set to no bytes", zmq_setsockopt(socket, option, &much, 0));
  say("set to a byte", zmq_setsockopt(socket, option, &much, 1));
  say("set to too much", zmq_setsockopt(socket, option, &much, sizeof much));
}

int main(int argc, char** argv) {
  void* context = zmq_ctx_new();
  void* socket = NULL;
  for (int i = 1; i < argc; ++i) {
    const char* word = argv[i];
    if (strcmp(word, "make") == 0) {
      errno = EDOM;
      socket = zmq_socket(context, atoi(argv[++i]));
      printf("make: %d, errno %s\n", socket != NULL, errno == EDOM ? "kept" : "changed");
    } else if (strcmp(word, "set") == 0) {
      const int option = atoi(argv[++i]);
      const int value = atoi(argv[++i]);
      say("set", zmq_setsockopt(socket, option, &value, sizeof value));
    } else if (strcmp(word, "get") == 0) {
      int value = 0;
      size_t size = sizeof value;
      const int result = zmq_getsockopt(socket, atoi(argv[++i]), &value, &size);
      printf("get: %d %d\n", result, value);
    } else if (strcmp(word, "wrong") == 0) {
      wrong(socket, atoi(argv[++i]));
    } else if (strcmp(word, "end") == 0) {
      say(word, zmq_ctx_shutdown(context));
    } else if (strcmp(word, "bind") == 0) {
      say(word, zmq_bind(socket, argv[++i]));
    } else if (strcmp(word, "connect") == 0) {
      say(word, zmq_connect(socket, argv[++i]));
    } else if (strcmp(word, "unbind") == 0) {
      say(word, zmq_unbind(socket, argv[++i]));
    } else if (strcmp(word, "disconnect") == 0) {
      say(word, zmq_disconnect(socket, argv[++i]));
    } else if (strcmp(word, "close") == 0) {
      say(word, zmq_close(socket));
    } else if (strcmp(word, "broken") == 0) {
      broken(context);
    } else if (strcmp(word, "wait") == 0) {
      printf("ready\n");
      fflush(stdout);
      while (getchar() != '\n' && !feof(stdin)) continue;
    }
  }
  fflush(stdout);
  return 0;
}
