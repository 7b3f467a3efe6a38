# SPDX-License-Identifier: MIT
"""As czmq_echo.c, with pyzmq."""
import signal
import sys

import zmq

context = zmq.Context()
if len(sys.argv) < 2:
    server = context.socket(zmq.REP)
    server.bind_to_random_port("tcp://127.0.0.1")
    while True:
        server.send(server.recv())
client = context.socket(zmq.REQ)
client.connect("tcp://127.0.0.1:" + sys.argv[1])
client.send_string("hello")
print(client.recv_string(), flush=True)
signal.pause()
