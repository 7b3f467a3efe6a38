# SPDX-License-Identifier: MIT
"""The few numbers that matter, from all parts: the aim, and what was measured."""

import statistics

from . import attached, behind, live_sockets, page
from .behind import FAR, FOUR, OURS, PEERS, VARIABLES
from .ways import OWN

SHIPPED = "libsockopt, the shipped file"


def _count(calls):
    return f"{sum(calls.values()):g}"


def _accept(data):
    its = data["ipv4"]
    yield ("accept: extra system calls", "0", _count(its["calls"][OURS]),
           "naive shim " + _count(its["calls"]["naive shim"]))
    yield ("accept: time, relative to bare", "1.02", page.spread(its["time"][OURS]["ratio"]),
           f"naive shim {its['time']['naive shim']['ratio'][1]:.3f}; noise "
           f"{its['time']['bare again']['ratio'][1]:.3f}")
    bare = its["time"]["bare"]["median"]
    yield ("the same: extra time per connection", "",
           f"**{its['time'][OURS]['median'] - bare:+.0f} ns** of {bare:,.0f}",
           f"naive shim {its['time']['naive shim']['median'] - bare:+,.0f} ns; one published "
           "package for tuning sockets claims 29.5 µs to apply its options (not measured here)")
    for family, client in (("mptcp", "a TCP client"), ("mptcp-clients", "an MPTCP client")):
        if family in data:
            calls = data[family]["calls"][OURS]
            yield (f"accept on an MPTCP listener, {client}: extra system calls",
                   "only for what is not inherited", _count(calls), page.calls(calls))


def _instructions(data):
    def ratio(subject, label, to):
        return data["counted"][subject][label] / data["counted"][subject][to]
    accept = data["counted"]["accept"]
    yield ("accept: extra instructions", "tens", f"**{accept[OURS] - accept['bare']:+,}** of "
           f"{accept['bare']:,}", "; ".join(f"{label} {accept[label] - accept['bare']:+,}"
                                            for label in ("naive shim", *PEERS) if label in accept))
    yield ("client with six settings: instructions, relative to hand-written", "1.03",
           f"**{ratio('client', OURS, OWN):.3f}**", "user space and kernel")


def _clients(data):
    own, calls = data["base"], data["calls"]
    def more(label):
        return f"{sum(calls[label].values()) - sum(calls[own].values()):g}"
    yield "client: extra system calls over hand-written", "0", more(OURS), ""
    yield ("the same, a descriptor beyond the table", "", more(behind.BEYOND),
           "remembers 32,768, fewer where memory is short")
    yield ("the same, 200 rules", "", more(FAR),
           f"{more(behind.STACK)} where the address is on the stack")
    yield ("client: time, relative to hand-written", "1.02",
           page.spread(data["to_base"][OURS]["ratio"]),
           "; ".join(f"{label} {data['to_base'][label]['ratio'][1]:.3f}"
                     for label in (FOUR, *PEERS) if label in data["to_base"]))


def _untouched(data):
    worst = max(data, key=lambda subject: data[subject]["time"][OURS]["ratio"][1])
    calls = sum(sum(map(abs, its["calls"][OURS].values())) for its in data.values())
    yield "UDP, UNIX, pipes, files: extra system calls", "0", f"{calls:g}", ""
    yield ("the same: time, relative to bare, the worst of them", "1.02",
           page.spread(data[worst]["time"][OURS]["ratio"]),
           f"{worst}; noise {data[worst]['time']['bare again']['ratio'][1]:.3f}")


def _startup(data):
    def more(label):
        low, median, high = (its / 1000 for its in data["more"][label])
        return f"**{median:+.1f} µs** ({low:+.1f} .. {high:+.1f})"
    peers = [label for label in PEERS if label in data["more"]]
    memory = data["memory"]
    theirs = "; ".join(f"{label} {data['more'][label][1] / 1000:+.0f} µs" for label in peers)
    aim = "libkeepalive's"
    yield ("start with the shipped file, which sets nothing: more than an empty library", aim,
           more(SHIPPED), theirs)
    yield ("start with keepalive from variables, as the peers do it: more than an empty library",
           aim, more(VARIABLES), theirs)
    yield ("private memory of a process, keepalive from variables", "",
           f"**{memory[VARIABLES] - memory['bare']:+.0f} KB**",
           "; ".join(f"{label} {memory[label] - memory['bare']:+.0f} KB" for label in peers))


def _servers(data):
    for name in ("nginx", "redis"):
        row, noise, naive = (data[name][label] for label in (OURS, "bare again", "naive shim"))
        yield (f"{name}: processor time per request, relative to bare", "1.02",
               page.spread(row["time_ratio"]), f"naive shim {naive['time_ratio'][1]:.3f}; noise "
               f"{noise['time_ratio'][1]:.3f}")
        yield (f"{name}: connections per second of processor time, relative to bare",
               "0.99 or more", page.spread(row["rate_ratio"]),
               f"naive shim {naive['rate_ratio'][1]:.3f}; noise {noise['rate_ratio'][1]:.3f}")


def _live(verb, ways, data):
    few, many = live_sockets.sizes(data)
    every, bare = ways(data)
    yield (f"{verb}, every option: time, relative to the bare calls", "1.3",
           page.spread(live_sockets.ratio(data, many, every, bare)), f"{int(many):,} sockets")
    yield (f"{verb}, every option: time per socket", "30 µs",
           f"**{live_sockets.each(data, many, every):.1f} µs**",
           f"{live_sockets.each(data, few, every):.1f} µs among {int(few):,}")
    yield (f"{verb}: memory for {int(many):,} sockets", "100 MiB",
           f"**{live_sockets.mebibytes(data, many, every):.0f} MiB**", "")


def _show(data):
    return _live("show", lambda _: ("show --json", "bare calls, all options"), data)


def _apply(data):
    def ways(data):
        label = f"all {len(data['every'])} options"
        return f"{label}: apply", f"{label}: bare calls"
    return _live("apply", ways, data)


def _engine(data):
    its = data["subjects"]
    def beside(subject, to="time"):
        kept = its[subject][to]
        return (f"the library {kept[OURS]['ratio'][1]:.3f}; noise "
                f"{kept['bare again']['ratio'][1] / kept['bare']['ratio'][1]:.3f}")
    calls = [one for row in its.values() for label, one in row["calls"].items()
             if label.startswith(attached.ATTACHED)]
    if calls:
        yield ("attached: extra system calls of any process", "0",
               f"{sum(sum(map(abs, one.values())) for one in calls):g}", "")
    yield ("attached: accept, relative to bare", "1.02",
           page.spread(its["accept"]["time"][attached.ATTACHED]["ratio"]), beside("accept"))
    yield ("attached for listeners: whole connections, relative to bare", "1.02",
           page.spread(its["whole"]["time"][attached.LISTENERS]["ratio"]), beside("whole"))
    yield ("attached: client with six settings, relative to hand-written", "1.02",
           page.spread(its["client"]["to_own"][attached.ATTACHED]["ratio"]),
           beside("client", "to_own"))
    worst = max(data["elsewhere"].values(), key=lambda one: one[attached.ELSEWHERE]["ratio"][1])
    yield ("attached elsewhere: time, relative to nothing attached, the worst of them", "1.00",
           page.spread(worst[attached.ELSEWHERE]["ratio"]),
           f"noise {worst['bare again']['ratio'][1]:.3f}")


def _watch(data):
    median = statistics.median(one["median"] for one in data["each"])
    slow = max(one["slowest"] for one in data["each"])
    yield ("watch: from listen to the configured backlog", "", f"**{median:.0f} µs**",
           f"{slow:,.0f} µs at most")
    yield ("watch: resident memory", "8 MiB", f"**{data['memory']['VmRSS'] / 1024:.1f} MiB**", "")
    yield (f"attach to {data['listeners']:,} running listeners", "",
           f"**{statistics.median(data['attach_established']) * 1000:.0f} ms**",
           f"{statistics.median(data['attach']) * 1000:.0f} ms for new ones alone")


PARTS = {"accept": _accept, "instructions": _instructions, "clients": _clients,
         "untouched": _untouched, "startup": _startup, "servers": _servers, "show": _show,
         "apply": _apply, "engine": _engine, "watch": _watch}


# Of these, what README shows, and how it names them.
FIRST = {"accept: extra system calls": "accept a connection: extra system calls",
         "accept: time, relative to bare": "accept a connection: time, relative to no library",
         "start with the shipped file, which sets nothing: more than an empty library":
             "start a program: more time than with an empty library",
         "nginx: processor time per request, relative to bare":
             "nginx: processor time per request, relative to no library"}
FIRST_PARTS = ("accept", "startup", "servers")
BEGIN, END = "<!-- by tools/bench/run.sh -->\n", "<!-- to here -->\n"


def rows(data):
    """data: {part: what it measured}."""
    return [row for part, its_rows in PARTS.items() if part in data for row in its_rows(data[part])]


def table(data):
    found = rows(data)
    return page.table(["", "aim", "measured", "for comparison"], found) if found else ""


def write_into(path, data, where):
    """Puts the first of the rows, and where they are from, between the marks of a page."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        return
    chosen = [(FIRST[what], measured, beside) for what, _, measured, beside in rows(data)
              if what in FIRST]
    lines = page.table(["", "libsockopt", "for comparison"], chosen) + "\n" + where + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + lines + end + after)
