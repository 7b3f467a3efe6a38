# SPDX-License-Identifier: MIT
"""keepalive, user_timeout: how long until a server notices that its peer is gone, and which peers
that are still there it gives up.

Each case is a server program with a connection from an address of its own, all side by side.
"""

import concurrent.futures
import signal
import time

from .network import SERVER

# A tenth of `preset = dead-peer`: keepidle 60s, keepintvl 10s, keepcnt 5, user_timeout 120s.
KEEPALIVE = "keepalive = on; keepidle = 6s; keepintvl = 1s; keepcnt = 5"
SCALED = KEEPALIVE + "; user_timeout = 12s"
# A thirtieth of the keepalive of `preset = balanced`: 180s, 60s, 5.
BALANCED = "keepalive = on; keepidle = 6s; keepintvl = 2s; keepcnt = 5"
SHORT = KEEPALIVE + "; user_timeout = 3s"


class Case:
    def __init__(self, runner, path, client, settings, mode, reads="yes"):
        self.path, self.client = path, client
        self.victim, port = runner.serve(path.server, settings, "watch", SERVER, mode)
        self.peer = runner.start(path.client, None, "hold", client, SERVER, port, reads)
        self.connected = self.peer.next()["connected"]
        self.gone = None

    def cut(self):
        self.gone = self.path.cut(self.client)

    def noticed(self, until):
        """Seconds from the cut (or, with none, from the connection) to the error."""
        since = self.gone or self.connected
        event = self.victim.next_or_none(until - time.monotonic())
        if event is None:
            return f"not within {time.monotonic() - since:.0f} s"
        return f"{event['at'] - since:.1f} s ({event['event']})"

    def answers(self):
        """Whether the connection still carries a request."""
        self.victim.all()
        self.peer.process.send_signal(signal.SIGUSR1)
        event = self.victim.next_or_none(3)
        return "lives" if event and event["event"] == "request" else "given up"


def dead(runner, path, clients, variants, limit):
    """variants: (what, settings).  The peer vanishes; idle, sending, and sending all it can."""
    clients = iter(clients)
    modes = ("idle", "sending", "full")
    cases = {(what, mode): Case(runner, path, next(clients), settings, mode)
             for what, settings in variants for mode in modes}
    time.sleep(0.3)
    for case in cases.values():
        case.cut()
    until = time.monotonic() + limit
    return (("settings", "idle", "sending now and then", "sending all it can"),
            [(what, *(cases[what, mode].noticed(until) for mode in modes)) for what, _ in variants])


def alive(runner, path, clients):
    """Peers that live: some whose first probes are lost, and one that does not read for a while.
    The first probe is due 6 s after the connection, the next ones a second apart."""
    variants = (("none", None), ("keepalive only", KEEPALIVE), ("`dead-peer` / 10", SCALED),
                ("the same, `user_timeout = 3s`", SHORT),
                ("`rto_max_ms = 1000ms`", "rto_max_ms = 1000ms"))
    clients = iter(clients)
    stalled = [Case(runner, path, next(clients), settings, "full", "no")
               for _, settings in variants]
    until = time.monotonic() + 20
    survived = []
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for _, settings in variants:
            survived.append([pool.submit(lose_probes, runner, path, next(clients), settings, lost)
                             for lost in (1, 3)])
    return (("settings", "first probe lost", "first three lost", "peer that does not read"),
            [(what, *(one.result() for one in lives), case.noticed(until))
             for (what, _), lives, case in zip(variants, survived, stalled)])


def lose_probes(runner, path, client, settings, count):
    case = Case(runner, path, client, settings, "idle")
    time.sleep(max(0, case.connected + 5.3 - time.monotonic()))
    case.cut()
    time.sleep(max(0, case.connected + 5.6 + count - time.monotonic()))
    path.mend(client)
    time.sleep(3)
    return case.answers()
