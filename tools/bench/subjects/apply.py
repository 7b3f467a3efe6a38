# SPDX-License-Identifier: MIT
"""`sockopt apply` on many sockets, beside the bare system calls."""

from common import live_sockets, page

TITLE = "`sockopt apply`"


def measure(bench, **sizes):
    return live_sockets.measure(bench, "apply_rounds.py", **sizes)


def report(data, plots):
    few, many = live_sockets.sizes(data)
    ways = list(data["seconds"][few])
    against = {way: way.replace(": apply", ": bare calls") for way in ways
               if way.replace(": apply", ": bare calls") in ways and way.endswith(": apply")}
    growing = [[way, page.spread(live_sockets.growth(data, way))] for way in against]
    return "\n".join([
        f"With `--established`. Processor time, {data['rounds']} rounds in which every way takes a "
        "turn and sets other values than the one before. The bare calls read, set and read again, "
        "and discard the results; where the sockets already hold the values, they only read.\n",
        live_sockets.table(data, few, against), live_sockets.table(data, many, against),
        f"**From {int(few):,} to {int(many):,} sockets**: cost per socket, relative to the smaller "
        "number\n\n" +
        page.table(["", "1 is linear (middle half)"], growing),
        "The options are " + ", ".join(f"`{key}`" for key in data["every"]) +
        "; the first six are the six.\n",
        live_sockets.picture(plots, "apply", data)])
