// SPDX-License-Identifier: MIT
//
// A plugin that is linked to a libzmq, as one of Python's modules is.
#include <zmq.h>

int plugin_linger(void) {
  int linger = -2;
  size_t size = sizeof linger;
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_DEALER);
  zmq_getsockopt(socket, ZMQ_LINGER, &linger, &size);
  zmq_close(socket);
  zmq_ctx_term(context);
  return linger;
}
