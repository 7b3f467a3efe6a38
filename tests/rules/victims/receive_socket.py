#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Makes a socket, closes it, and is handed another, from another process, that takes its number:
#
#   receive_socket.py connect ADDRESS PORT     the first one is a client of ADDRESS
#   receive_socket.py accept ADDRESS           the first one is accepted by a listener on ADDRESS
#
# The other comes over the UNIX socket that is descriptor 3. Prints TCP_KEEPIDLE of the first one,
# and of the other after it was set to 7 here.
import socket
import sys

channel = socket.socket(fileno=3)
if sys.argv[1] == 'connect':
    first = socket.socket()
    first.connect((sys.argv[2], int(sys.argv[3])))
else:
    listener = socket.socket()
    listener.bind((sys.argv[2], 0))
    listener.listen(5)
    client = socket.socket()
    client.connect(listener.getsockname())
    first, _ = listener.accept()
number = first.fileno()
print(first.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
first.close()
_, numbers, _, _ = socket.recv_fds(channel, 1, 1)
assert numbers == [number], (numbers, number)
other = socket.socket(fileno=number)
other.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 7)
print(other.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
