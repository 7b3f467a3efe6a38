# SPDX-License-Identifier: MIT
"""More programs without one setsockopt: for what victims.py of preset_bench does not show."""

import os
import select
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from preset_bench.victims import LIFETIME, listen, now, receive, say


def waking(address, requests, strays):
    """Server: one epoll loop; how often it was woken until all requests were answered."""
    listener = listen(address, 512)
    listener.setblocking(False)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    connections, wakes, answered = {}, 0, 0

    def answer(connection):
        try:
            data = connection.recv(100)
        except BlockingIOError:
            return False
        if data:
            connection.send(b"a")
        return bool(data)

    while answered < int(requests):
        ready = poll.poll()
        wakes += 1
        for descriptor, _ in ready:
            if descriptor != listener.fileno():
                answered += answer(connections[descriptor])
                poll.unregister(descriptor)
                continue
            connection, _ = listener.accept()
            connection.setblocking(False)
            connections[connection.fileno()] = connection
            # It may have been sent something by now; else there will be another wake-up.
            if answer(connection):
                answered += 1
            else:
                poll.register(connection, select.EPOLLIN)
    with open("/proc/self/status", encoding="ascii") as file:
        switches = next(line.split()[1] for line in file if line.startswith("voluntary"))
    say(wakes=wakes, switches=int(switches), accepted=len(connections), strays=int(strays))


def thinking(address, port, requests, strays, pause):
    """Client: connects, and sends its request `pause` seconds later; strays send nothing."""
    held = []
    for number in range(int(requests)):
        if number < int(strays):
            held.append(socket.create_connection((address, int(port))))
        connection = socket.create_connection((address, int(port)))
        time.sleep(float(pause))
        connection.send(b"q")
        receive(connection, 1)
        held.append(connection)
    say(done=True)


def greet(address):
    """Server: one request and one answer to each connection."""
    listener = listen(address)
    while True:
        connection, _ = listener.accept()
        receive(connection, 20)
        connection.sendall(b"a" * 40)
        connection.close()


def visit(address, port, count):
    """Client: a new connection for each request; the time from connect to the answer."""
    took = []
    for _ in range(int(count)):
        connection = socket.socket()
        start = now()
        connection.connect((address, int(port)))
        connection.sendall(b"q" * 20)
        receive(connection, 40)
        took.append(now() - start)
        connection.close()
    say(took=took)


if __name__ == "__main__":
    signal.alarm(LIFETIME)
    globals()[sys.argv[1]](*sys.argv[2:])
