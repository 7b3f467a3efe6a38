# SPDX-License-Identifier: MIT
"""notsent_lowat, rcvbuf, sndbuf, congestion: how old data is on arrival, and how much arrives."""

from .network import CLIENTS, SERVER
from .run import median, percentile


class Measured:
    def __init__(self):
        self.rates, self.ages, self.cpu, self.retransmitted = [], [], [], []


def stream(runner, path, settings, chunk, warm_up, seconds, client_settings="same", local=False,
           pinned=0):
    """One connection from a server that always has data; both sides are given the settings."""
    address, source = ("127.0.0.1", "-") if local else (SERVER, CLIENTS[0])
    other = settings if client_settings == "same" else client_settings
    victim, port = runner.serve(path.server, settings, "pour", address, chunk, pinned)
    drainer = runner.start(path.server if local else path.client, other, "drain", source, address,
                           port, chunk, warm_up, seconds, pinned)
    result = drainer.next()
    result["sender"] = victim.next_or_none(5) or {}
    victim.stop()
    drainer.stop()
    return result


def rounds(runner, path, variants, count, **how):
    """One variant after the other, `count` times over, so that all meet the same disturbances."""
    measured = {settings: Measured() for _, settings in variants}
    for _ in range(count):
        for _, settings in variants:
            got = stream(runner, path, settings, **how)
            here = measured[settings]
            here.rates.append(got["rate"])
            here.ages.append((median(got["ages"]), percentile(got["ages"], 0.95)))
            sender = got["sender"]
            if sender:
                here.cpu.append(sender["cpu"] / (sender["made"] / 1e9))
                here.retransmitted.append(sender["retransmitted"] / max(1, sender["data_segments"]))
    return measured


def ratio(rates, baseline):
    """Median of the ratios within each round."""
    return f"{median([a / b for a, b in zip(rates, baseline)]):.2f}"


def milliseconds(values):
    return f"{median(values) * 1000:.0f} ms"


LOWAT = (("none", None), ("`notsent_lowat = 16K`", "notsent_lowat = 16K"),
         ("`notsent_lowat = 128K`", "notsent_lowat = 128K"),
         ("`preset = low-latency`", "preset = low-latency"))


def age_of_data(runner, path):
    measured = rounds(runner, path, LOWAT, 3, chunk=4096, warm_up=1.0, seconds=1.5)
    return (("settings", "age, median", "age, 95 %", "rate against none"),
            [(what, milliseconds([a for a, _ in measured[s].ages]),
              milliseconds([a for _, a in measured[s].ages]),
              ratio(measured[s].rates, measured[None].rates)) for what, s in LOWAT])


def buffers(size):
    return (f"both buffers {size}", f"rcvbuf = {size}; sndbuf = {size}")


LONG = (("none", None), buffers("256K"), buffers("1M"), buffers("4M"),
        ("`notsent_lowat = 16K`", "notsent_lowat = 16K"),
        ("`notsent_lowat = 128K`", "notsent_lowat = 128K"))


def long_path(runner, line):
    measured = rounds(runner, line, LONG, 2, chunk=16384, warm_up=1.5, seconds=1.5)
    return (("settings", "rate, median", "rate against none", "age, median"),
            [(what, f"{median(measured[s].rates) / 1e6:.1f} Mbit/s",
              ratio(measured[s].rates, measured[None].rates),
              milliseconds([a for a, _ in measured[s].ages])) for what, s in LONG])


IGNORED = "rcvbuf = ignore; sndbuf = ignore"


def pinned(runner, line):
    """Programs that pin both buffers to 64 KiB at both ends, and ones that do not."""
    cases = (("programs that set nothing", None, 0), ("programs that pin 64K", None, 65536),
             ("the same, `rcvbuf = ignore` and `sndbuf = ignore`", IGNORED, 65536))
    rates = {what: [] for what, _, _ in cases}
    for _ in range(2):
        for what, settings, size in cases:
            got = stream(runner, line, settings, chunk=16384, warm_up=2.0, seconds=1.5, pinned=size)
            rates[what].append(got["rate"])
    baseline = rates[cases[0][0]]
    return (("both ends", "rate, median", "rate against the first"),
            [(what, f"{median(rates[what]) / 1e6:.1f} Mbit/s", ratio(rates[what], baseline))
             for what, _, _ in cases])


NEAR = (("none", None), buffers("256K"), buffers("1M"), buffers("4M"),
        ("`notsent_lowat = 16K`", "notsent_lowat = 16K"),
        ("`notsent_lowat = 64K`", "notsent_lowat = 64K"),
        ("`notsent_lowat = 128K`", "notsent_lowat = 128K"))


def loopback(runner, path):
    """Where the processor is the limit; and what the kernel takes for a peer that does not read."""
    measured = rounds(runner, path, NEAR, 9, chunk=16384, warm_up=0.1, seconds=0.2, local=True)
    rows = []
    for what, settings in NEAR:
        victim, port = runner.serve(path.server, settings, "stuff", "127.0.0.1")
        holder = runner.start(path.server, settings, "hold", "-", "127.0.0.1", port, "no")
        taken = victim.next()["taken"]
        holder.stop()
        here = measured[settings]
        rows.append((what, f"{median(here.rates) / 1e9:.1f} Gbit/s",
                     ratio(here.rates, measured[None].rates), f"{median(here.cpu):.2f} s",
                     f"{taken / 1e6:.2f} MB"))
    return (("settings", "rate, median", "rate against none", "sender's processor time for 1 GB",
             "taken for a peer that does not read"), rows)


SMALL = (("none", None), ("`nodelay = on`", "nodelay = on"))


def small_writes(runner, path):
    """A server that writes all it has in pieces of 200 bytes."""
    measured = rounds(runner, path, SMALL, 5, chunk=200, warm_up=0.1, seconds=0.4)
    return (("settings", "rate, median", "rate against none"),
            [(what, f"{median(measured[s].rates) / 1e6:.0f} Mbit/s",
              ratio(measured[s].rates, measured[None].rates)) for what, s in SMALL])


CONGESTION = (("`congestion = cubic`", "congestion = cubic"),
              ("`congestion = bbr`", "congestion = bbr"))


def congestion(runner, paths):
    rows = []
    for where, path in paths:
        measured = rounds(runner, path, CONGESTION, 2, chunk=16384, warm_up=1.5, seconds=2.0)
        baseline = measured[CONGESTION[0][1]].rates
        for what, settings in CONGESTION:
            here = measured[settings]
            rows.append((where, what, f"{median(here.rates) / 1e6:.1f} Mbit/s",
                         ratio(here.rates, baseline), milliseconds([a for a, _ in here.ages]),
                         f"{median(here.retransmitted) * 100:.1f} %"))
    return (("path", "settings", "rate, median", "rate against cubic", "age, median",
             "retransmitted"), rows)
