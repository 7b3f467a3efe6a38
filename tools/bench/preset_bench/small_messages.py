# SPDX-License-Identifier: MIT
"""nodelay, quickack, delack_max_us, rto_min_us: how long a small request takes."""

from .network import CLIENTS, SERVER
from .run import median, percentile


def milliseconds(seconds):
    return f"{seconds * 1000:.2f} ms"


# (what, server's settings, client's settings)
ANSWERING = (
    ("neither side set", None, None),
    ("server `nodelay = on`", "nodelay = on", None),
    ("server `quickack = on`", "quickack = on", None),
    ("client `quickack = on`", None, "quickack = on"),
    ("client `delack_max_us = 8ms`", None, "delack_max_us = 8000us"),
    ("server `preset = balanced`", "preset = balanced", None),
    ("server `preset = low-latency`", "preset = low-latency", None),
)
ASKING = (
    ("neither side set", None, None),
    ("client `nodelay = on`", None, "nodelay = on"),
    ("server `quickack = on`", "quickack = on", None),
)


def ask_all(runner, server, client, where, variants, pieces, writes, count):
    """All variants side by side: they mostly wait, and so see the same machine."""
    address, source = where
    running = []
    for what, ours, theirs in variants:
        victim, port = runner.serve(server, ours, "answer", address,
                                    *[40 // pieces] * pieces)
        asker = runner.start(client, theirs, "ask", source, address, port, writes, 40, count, 0.02)
        running.append((what, victim, asker))
    return {what: (asker.next()["took"], victim.next()["data_segments"])
            for what, victim, asker in running}


def two_writes(runner, path):
    """The pattern that Nagle and delayed acknowledgements spoil: write, write, read."""
    loopback, veth = ("127.0.0.1", "-"), (SERVER, CLIENTS[0])
    rows = []
    for title, variants, pieces, writes in (("answer in two writes", ANSWERING, 2, 1),
                                            ("request in two writes", ASKING, 1, 2)):
        near = ask_all(runner, path.server, path.server, loopback, variants, pieces, writes, 60)
        far = ask_all(runner, path.server, path.client, veth, variants, pieces, writes, 60)
        for what, _, _ in variants:
            rows.append((title, what, milliseconds(median(near[what][0])),
                         milliseconds(median(far[what][0])),
                         milliseconds(percentile(far[what][0], 0.95))))
    return (("pattern", "settings", "loopback, median", "veth, median", "veth, 95 %"), rows)


def many_writes(runner, path):
    """What nodelay costs: an answer written in a hundred pieces of 20 bytes."""
    rows = []
    for what, settings in (("none", None), ("`nodelay = on`", "nodelay = on")):
        victim, port = runner.serve(path.server, settings, "answer", SERVER, *[20] * 100)
        took = runner.start(path.client, None, "ask", CLIENTS[0], SERVER, port, 1, 2000, 40,
                            0.01).next()["took"]
        rows.append((what, f"{victim.next()['data_segments'] / 40:.1f}",
                     milliseconds(median(took))))
    return (("settings", "segments for each answer", "time, median"), rows)


RETRANSMITTING = (("none", None), ("`rto_min_us = 20ms`", "rto_min_us = 20000us"),
                  ("`rto_min_us = 100ms`", "rto_min_us = 100000us"),
                  ("`thin_linear_timeouts = on`", "thin_linear_timeouts = on"))


def lost_segments(runner, line, path):
    """rto_min_us and thin_linear_timeouts where single segments are lost, and what they send
    needlessly where none is: to a client that asks fifty times and then rests, so that fifty
    acknowledgements come at once, with the next request, and one comes late."""
    lossy, clean, rows = [], [], []
    for _, settings in RETRANSMITTING:
        _, port = runner.serve(line.server, settings, "answer", SERVER, 40)
        lossy.append(runner.start(line.client, settings, "ask", CLIENTS[0], SERVER, port, 1, 40,
                                  600, 0.005))
        victim, port = runner.serve(path.server, settings, "answer", SERVER, 40)
        clean.append((victim, runner.start(path.client, None, "ask", CLIENTS[0], SERVER, port, 1,
                                           40, 2000, 0.1, 50)))
    for (what, _), asker in zip(RETRANSMITTING, lossy):
        took = asker.next(60)["took"]
        rows.append([what, milliseconds(median(took)), milliseconds(percentile(took, 0.95)),
                     milliseconds(percentile(took, 0.99)), milliseconds(max(took))])
    for row, (victim, _) in zip(rows, clean):
        row.append(f"{victim.next()['retransmitted']} in 40 rests")
    return (("settings", "median", "95 %", "99 %", "longest", "needless"), rows)


def large_answers(runner, line, path):
    """Header and body over a round trip of 100 ms; and a larger answer at 20 Mbit/s, with how long
    it keeps a server that writes with calls that block."""
    rows = []
    for what, settings in (("none", None), ("`nodelay = on`", "nodelay = on"),
                           ("`notsent_lowat = 16K`", "notsent_lowat = 16K"),
                           ("`notsent_lowat = 128K`", "notsent_lowat = 128K"),
                           ("`preset = high-throughput`", "preset = high-throughput")):
        cells = []
        for where, body, count in ((line, 20000, 10), (path, 500000, 6)):
            victim, port = runner.serve(where.server, settings, "answer", SERVER, 200, body)
            asker = runner.start(where.client, None, "ask", CLIENTS[0], SERVER, port, 1, 200 + body,
                                 count, 0.05)
            # The first ones find a connection that is still slow.
            cells += [median(asker.next(60)["took"][2:]), median(victim.next()["held"][2:])]
        rows.append((what, milliseconds(cells[0]), milliseconds(cells[2]), milliseconds(cells[3])))
    return (("settings", "20 KB arrived, 100 ms", "500 KB arrived, 20 Mbit/s",
             "server held by the latter"), rows)
