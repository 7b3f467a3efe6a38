# SPDX-License-Identifier: MIT
#
# A program that was handed a listener, as descriptor 7, by one without the library, and has not
# accepted on it yet. With `moved` it puts it onto the number of a listener of its own, which the
# library had prepared.
import os
import signal
import socket
import sys

if sys.argv[1:] == ["moved"]:
    own = socket.socket()
    own.bind(("127.0.0.1", 0))
    own.listen()
    os.dup2(7, own.fileno())
    os.close(7)
print("ready", flush=True)
while True:
    signal.pause()
