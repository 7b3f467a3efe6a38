# SPDX-License-Identifier: MIT
"""A client as many are written: it asks ten times, and where no reply comes for a while, it goes on to the
next request. The server, in a thread, never replies to the first, and to the third only once it has the
fourth. Prints each request with what came of it."""
import threading

import zmq

PATIENCE = 700  # milliseconds: how long the client waits for a reply

context = zmq.Context()
router = context.socket(zmq.ROUTER)
port = router.bind_to_random_port("tcp://127.0.0.1")


def serve():
    late = None
    while True:
        frames = router.recv_multipart()
        question = frames[-1]
        if question == b"end":
            return
        if question == b"0":
            continue
        if question == b"2":
            late = frames
            continue
        if late is not None:
            router.send_multipart(late)
            late = None
        router.send_multipart(frames)


server = threading.Thread(target=serve)
server.start()
client = context.socket(zmq.REQ)
client.linger = 0
client.connect(f"tcp://127.0.0.1:{port}")
for number in range(6):
    try:
        client.send_string(str(number), zmq.DONTWAIT)
    except zmq.ZMQError as error:
        print(number, "not sent:", error.errno == zmq.EFSM and "EFSM" or error)
        continue
    # A late machine gets all the time it takes for what does come.
    waits = PATIENCE if number in (0, 2) else 30000
    if client.poll(waits):
        print(number, "reply", client.recv_string())
    else:
        print(number, "no reply")
client.close()
last = context.socket(zmq.DEALER)
last.connect(f"tcp://127.0.0.1:{port}")
last.send(b"end")
server.join()
