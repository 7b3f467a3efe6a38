# SPDX-License-Identifier: MIT
"""`sockopt show` on many sockets, beside the bare system calls and beside ss(8)."""

from common import live_sockets, page

TITLE = "`sockopt show`"
SIX, ALL = "bare calls, six options", "bare calls, all options"
AGAINST = {"show": SIX, "show, held to six settings": SIX, "show --each": SIX,
           "show --wide": ALL, "show --json": ALL, "show --json, held to six settings": ALL}
SS = "ss -tanoiem"


def measure(bench, **sizes):
    return live_sockets.measure(bench, "show_rounds.py", **sizes)


def report(data, plots):
    few, many = live_sockets.sizes(data)
    columns = data["columns"]
    parts = [f"Both ends of connections. Processor time, {data['rounds']} rounds in which every "
             "way takes a turn; the bare calls are those that the command cannot do without, "
             "with their results discarded (`programs/bare_calls.c`). The table reads six options "
             "of a socket, `--wide` and `--json` read all.\n",
             live_sockets.table(data, few, AGAINST), live_sockets.table(data, many, AGAINST)]
    rows = [[f"`{way}`", page.spread(live_sockets.growth(data, way))]
            for way in ("show", "show --wide", "show --json")]
    parts.append(f"**From {int(few):,} to {int(many):,} sockets**: cost per socket, relative to "
                 "the smaller number\n\n" +
                 page.table(["", "1 is linear (middle half)"], rows))
    rows = [[f"`{way}`", page.spread(live_sockets.ratio(data, few, way, SS))]
            for way in AGAINST]
    parts.append(f"**Next to `{SS}`**, which asks the kernel for all sockets of a network "
                 "namespace at once, on the same sockets\n\n" +
                 page.table(["", f"relative to `{SS}` (middle half)"], rows))
    parts.append(
        "| | of a connection |\n| --- | --- |\n"
        f"| only `show` | {', '.join(columns['show'])}; what differs from the policy, and why |\n"
        f"| only `ss` | {', '.join(columns['ss'])}; fields that were zero here |\n"
        "| both | state, addresses, owners (`ss -p`), queue and limit, drops, "
        f"{', '.join(columns['both'])} |\n")
    return "\n".join([*parts, live_sockets.picture(plots, "show", data)])
