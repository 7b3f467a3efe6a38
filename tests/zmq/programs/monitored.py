# SPDX-License-Identifier: MIT
"""Two ends of a connection: `monitored.py bind ADDRESS` prints its port, and then the events of its
connections as they come; `monitored.py connect ADDRESS PORT` holds one."""
import signal
import sys

import zmq
from zmq.utils.monitor import recv_monitor_message

context = zmq.Context()
if sys.argv[1] == "connect":
    dealer = context.socket(zmq.DEALER)
    dealer.connect(f"tcp://{sys.argv[2]}:{sys.argv[3]}")
    dealer.send(b"here")
    signal.pause()
router = context.socket(zmq.ROUTER)
monitor = router.get_monitor_socket(
    zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
port = router.bind_to_random_port(f"tcp://{sys.argv[2]}")
print("port", port, flush=True)
while True:
    event = recv_monitor_message(monitor)["event"]
    print("gone" if event == zmq.EVENT_DISCONNECTED else "connected", flush=True)
