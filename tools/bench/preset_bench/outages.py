# SPDX-License-Identifier: MIT
"""thin_linear_timeouts, rto_max_ms: how long after an outage the next message arrives.

Each length of outage has a client address of its own, which the router cuts; the streams of all
variants go through the same outage at the same time.
"""

import threading
import time

from .network import SERVER
from .run import median
VARIANTS = (("none", None), ("`thin_linear_timeouts = on`", "thin_linear_timeouts = on"),
            ("`rto_max_ms = 1000ms`", "rto_max_ms = 1000ms"),
            ("`preset = low-latency`", "preset = low-latency"))
STREAMS = 3  # of each variant through each outage, a little apart in phase


def outages(runner, path, groups, clients, settle, patience):
    """groups: outages by their lengths, told of together.  settle: seconds of calm before;
    patience: the longest wait afterwards."""
    ends, servers = [], []
    for label, (_, settings) in enumerate(VARIANTS):
        server, port = runner.serve(path.server, settings, "trickle", SERVER, 0.3)
        servers.append(server)
        ends += [(label, port)] * STREAMS
    lengths = [length for group in groups for length in group]
    tasters = {length: runner.start(path.client, None, "taste", SERVER,
                                    *(f"{client}:{port}:{label}" for label, port in ends))
               for length, client in zip(lengths, clients)}
    time.sleep(settle)
    mended = {}

    def break_and_mend(length, client):
        path.cut(client)
        time.sleep(length)
        mended[length] = path.mend(client)

    breaking = [threading.Thread(target=break_and_mend, args=pair)
                for pair in zip(lengths, clients)]
    for thread in breaking:
        thread.start()
    for thread in breaking:
        thread.join()
    delays = {}
    for length, taster in tasters.items():
        end = mended[length] + patience
        first = {}
        while len(first) < len(ends) and time.monotonic() < end:
            message = taster.next_or_none(0.2)
            if message and message["at"] > mended[length]:
                first.setdefault((message["label"], message["stream"]),
                                 message["at"] - mended[length])
        taster.stop()
        for label in range(len(VARIANTS)):
            delays[label, length] = [d for (l, _), d in first.items() if int(l) == label]
            delays[label, length] += [float("inf")] * (STREAMS - len(delays[label, length]))
    rows = []
    for label, (what, _) in enumerate(VARIANTS):
        cells = []
        for group in groups:
            here = [delay for length in group for delay in delays[label, length]]
            for value in (median(here), max(here)):
                cells.append("gone" if value == float("inf") else f"{value:.2f} s")
        ended = [servers[label].next(3) for _ in range(STREAMS * len(lengths))]
        cells.append(f"{sum(e['retransmitted'] for e in ended) / len(ended):.1f}")
        rows.append((what, *cells))
    titles = []
    for group in groups:
        titles += [f"{group[0]}..{group[-1]} s: median" if len(group) > 1 else
                   f"{group[0]} s: median", "worst"]
    return (("settings", *titles, "retransmitted for each"), rows)
