#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Prints TCP_KEEPIDLE of a socket of its own, under whatever name it is run.
import socket

print(socket.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
