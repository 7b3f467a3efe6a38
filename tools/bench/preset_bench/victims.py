# SPDX-License-Identifier: MIT
"""Programs to be measured: clients and servers without one setsockopt, unless asked to pin.

What a preset does is seen only on programs that do nothing about it themselves, so these ask for
no option; what they have comes from the library in front of them.  Each is started as
`victims.py NAME ARGUMENT...`, prints one JSON object a line, and ends by itself after LIFETIME.
A server prints {"port": N} first; the kernel chose N.
"""

import errno
import json
import select
import signal
import socket
import struct
import sys
import threading
import time

LIFETIME = 170
CHUNK = 4096
now = time.monotonic


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def pin(one, size):
    """What some programs do: buffers of a fixed size. 0: left to the kernel."""
    if int(size):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, int(size))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(size))


def listen(address, backlog=128, pinned=0):
    listener = socket.socket()
    pin(listener, pinned)
    listener.bind((address, 0))
    listener.listen(backlog)
    say(port=listener.getsockname()[1])
    return listener


def connect(source, address, port, pinned=0):
    connection = socket.socket()
    pin(connection, pinned)
    if source != "-":
        connection.bind((source, 0))
    connection.connect((address, int(port)))
    return connection


def receive(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionResetError
        data += piece
    return data


def tcp_info(connection):
    """Retransmitted and sent segments, out of struct tcp_info of linux/tcp.h."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    return {"retransmitted": struct.unpack_from("I", info, 100)[0],
            "data_segments": struct.unpack_from("I", info, 156)[0]}


def in_threads(listener, serve):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def answer(address, *sizes):
    """Server: answers each 20 bytes with a write of each size, as if header and body were apart.
    Tells for how long its writes held it."""
    pieces = [b"a" * int(size) for size in sizes]

    def serve(connection):
        held = []
        try:
            while True:
                receive(connection, 20)
                start = now()
                for piece in pieces:
                    connection.sendall(piece)
                held.append(now() - start)
        except OSError:
            say(held=held, **tcp_info(connection))
    in_threads(listen(address), serve)


def ask(source, address, port, writes, answer_size, count, pause, every=1):
    """Client: sends 20 bytes in `writes` writes, waits for the answer, notes the time it took.
    Rests after each answer, or after `every` so many."""
    connection = connect(source, address, port)
    took = []
    for number in range(1, int(count) + 1):
        start = now()
        for _ in range(int(writes)):
            connection.send(b"q" * (20 // int(writes)))
        receive(connection, int(answer_size))
        took.append(now() - start)
        if number % int(every) == 0:
            time.sleep(float(pause))
    say(took=took, **tcp_info(connection))


def pour(address, chunk, pinned=0):
    """Server: makes a chunk, with the time in it, whenever poll says there is room for one."""
    chunk = int(chunk)
    filling = b"p" * (chunk - 8)

    def serve(connection):
        connection.setblocking(False)
        poll = select.poll()
        poll.register(connection, select.POLLOUT)
        made, before = 0, time.process_time()
        left = b""
        try:
            while True:
                poll.poll(10000)
                if not left:
                    left = struct.pack("d", now()) + filling
                    made += chunk
                try:
                    left = left[connection.send(left):]
                except BlockingIOError:
                    pass
        except OSError:
            say(made=made, cpu=time.process_time() - before, **tcp_info(connection))
    in_threads(listen(address, pinned=pinned), serve)


def drain(source, address, port, chunk, warm_up, seconds, pinned=0):
    """Client: reads what `pour` sends; notes how old each chunk is and how much came in."""
    connection = connect(source, address, port, pinned)
    chunk = int(chunk)
    start = now()
    begin, end = start + float(warm_up), start + float(warm_up) + float(seconds)
    pending, ages, counted, first = bytearray(), [], 0, None
    while now() < end:
        piece = connection.recv(1 << 18)
        if not piece:
            break
        pending += piece
        moment = now()
        if moment >= begin:
            if first is None:
                first = moment
            else:
                counted += len(piece)
        while len(pending) >= chunk:
            if moment >= begin:
                ages.append(moment - struct.unpack_from("d", pending)[0])
            del pending[:chunk]
    say(rate=counted * 8 / (moment - first), ages=ages[:: max(1, len(ages) // 500)])


def stuff(address):
    """Server: writes to a peer that does not read; tells how much the kernel took."""
    def serve(connection):
        connection.setblocking(False)
        taken, quiet = 0, now()
        while now() - quiet < 0.5:
            try:
                taken += connection.send(b"s" * 65536)
                quiet = now()
            except BlockingIOError:
                time.sleep(0.01)
        say(taken=taken)
    in_threads(listen(address), serve)


def trickle(address, interval):
    """Server: a thin stream, 64 bytes every `interval` seconds, the time in them."""
    def serve(connection):
        due = now()
        try:
            while True:
                connection.send(struct.pack("d", now()) + b"t" * 56)
                due += float(interval)
                time.sleep(max(0, due - now()))
        except OSError as error:
            say(event=errno.errorcode[error.errno], **tcp_info(connection))
    in_threads(listen(address), serve)


def taste(address, *ends):
    """Client of several trickles, ends being SOURCE:PORT:LABEL; tells of each message."""
    poll, labels, connections = select.poll(), {}, []
    for number, end in enumerate(ends):
        source, port, label = end.split(":")
        time.sleep(0.03 if number else 0)  # so that they are not all in the same phase
        connection = connect(source, address, port)
        connections.append(connection)
        labels[connection.fileno()] = (label, number, connection)
        poll.register(connection, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            label, number, connection = labels[descriptor]
            data = connection.recv(65536)
            if not data:
                poll.unregister(descriptor)
                continue
            say(label=label, stream=number, at=now())


def watch(address, mode):
    """Server: tells when it notices that its peer is gone.  idle waits for a request; sending has
    something to send every half second; full has a full buffer all the time."""
    def serve(connection):
        if mode == "full":
            connection.setblocking(False)
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        try:
            while True:
                if mode == "sending":
                    connection.send(b"w" * 100)
                if mode == "full":
                    try:
                        connection.send(b"w" * 65536)
                    except BlockingIOError:
                        pass
                if poll.poll(None if mode == "idle" else 500):
                    if not connection.recv(100):
                        break
                    say(event="request", at=now())
        except OSError as error:
            say(event=errno.errorcode[error.errno], at=now())
    in_threads(listen(address), serve)


def hold(source, address, port, reads):
    """Client of `watch`: reads, or does not.  SIGUSR1 makes it send a request."""
    connection = connect(source, address, port)
    signal.signal(signal.SIGUSR1, lambda *_: connection.send(b"h"))
    say(connected=now())
    while True:
        if reads == "no":
            time.sleep(1)
            continue
        try:
            if not connection.recv(65536):
                break
        except ConnectionResetError:
            break


def slow(address, backlog, pause):
    """Server that needs `pause` seconds for each accept."""
    listener = listen(address, int(backlog))
    held = []
    while True:
        connection, _ = listener.accept()
        try:
            connection.send(b"s")
        except OSError as error:
            say(event=errno.errorcode[error.errno])
        held.append(connection)
        time.sleep(float(pause))


def burst(address, port, count, limit, speaks):
    """`count` connections at once; when they were connected and when they were served."""
    poll, states, start = select.poll(), {}, now()
    for _ in range(int(count)):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex((address, int(port)))
        states[connection.fileno()] = [connection, None]
        poll.register(connection, select.POLLOUT)
    connected, served, failed, open_ones = [], [], 0, len(states)
    while open_ones and now() - start < float(limit):
        for descriptor, _ in poll.poll(100):
            connection, seen = states[descriptor]
            if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                failed += 1
            elif seen is None:
                states[descriptor][1] = now()
                connected.append(now() - start)
                if speaks == "client":
                    connection.send(b"b")
                poll.modify(connection, select.POLLIN)
                continue
            else:
                try:
                    connection.recv(1)
                    served.append(now() - start)
                except OSError:
                    failed += 1
            poll.unregister(connection)
            open_ones -= 1
    say(connected=connected, served=served, failed=failed,
        retried=sum(tcp_info(c)["retransmitted"] > 0 for c, _ in states.values()))


if __name__ == "__main__":
    signal.alarm(LIFETIME)
    sys.stdout.reconfigure(line_buffering=True)
    globals()[sys.argv[1]](*sys.argv[2:])
