# SPDX-License-Identifier: MIT
"""Where libsockopt is behind the bare program, or a peer, and why: the reasons are written here,
the numbers come from what was measured."""

from . import page
from .ways import BARE, OWN

OURS, FAR, FOUR = "libsockopt", "libsockopt, 200 rules", "libsockopt, keepalive only"
STACK = f"{FAR}, the address on the stack"
BEYOND, PRIORITY = "libsockopt, descriptors beyond its table", "libsockopt, with priority"
VARIABLES = "libsockopt, keepalive by variables"
PEERS = ("libkeepalive", "libdontdie")

# (part, family, way, what, why)
CALLS = (
    ("accept", "ipv4", PRIORITY, "accept with `priority`",
     "accepted sockets do not inherit SO_PRIORITY"),
    ("accept", "mptcp", OURS, "accept on an MPTCP listener, a TCP client",
     "an MPTCP listener refuses TCP_USER_TIMEOUT, so its connections cannot inherit it: the "
     "library asks whether the accepted socket is plain TCP, and then sets the option on it"),
    ("accept", "mptcp-clients", OURS, "accept on an MPTCP listener, an MPTCP client",
     "the same question; MPTCP does not take the option, and nothing is set"),
    ("clients", None, FAR, "a client, with rules for peers",
     "the library reads the address to know which rule applies. A program may pass an invalid "
     "pointer, which must give EFAULT and not a crash, so the kernel is asked first, unless the "
     "address is on the caller's stack, where most programs have it"),
    ("clients", None, BEYOND, "a client whose descriptor is beyond the table",
     "the library remembers 32,768 descriptors, fewer where memory is short. It does not remember "
     "what a socket beyond them is or was given, and asks each time"),
)


def _calls(data):
    for part, family, way, what, why in CALLS:
        its = data.get(part, {})
        its = its.get(family, {}) if family else its
        calls = its.get("calls", {})
        if way not in calls or way not in its["time"]:
            continue
        base = calls[its["base"]]
        more = {name: count - base.get(name, 0) for name, count in calls[way].items()
                if count > base.get(name, 0)}
        if not more:
            continue
        ratio = (its["to_base"] or its["time"])[way]["ratio"]
        to = "of hand-written" if its["base"] == OWN else "of bare"
        yield [what, page.calls(more), f"{ratio[1]:.3f} {to}", why]


# (subject of `instructions`, way, what, why)
REMEMBERS = ("the library remembers each descriptor, with two stores, so that `enforce` wins over "
             "what the program sets later and a reused number is not taken for the old socket; the "
             "peers do not hook `accept`")
LOOKS = ("the library remembers that the descriptor is not TCP, so that its hooks for `bind`, "
         "`listen`, `connect` and `setsockopt` need not ask; the peers only look at the arguments")
INSTRUCTIONS = (
    ("accept", OURS, "`accept4`: instructions", REMEMBERS + ", and its connections inherit "
     "what they set at `socket`"),
    ("client", FOUR, "a client with four options: instructions",
     "the library also hooks `connect`, for rules about peers and for what it resets, examines "
     "refusals, and remembers the descriptor"),
    ("udp", OURS, "a UDP socket: instructions", LOOKS),
    ("udp-connect", OURS, "a UDP socket that connects: instructions", LOOKS),
    ("unix", OURS, "a UNIX socket: instructions", LOOKS),
    ("unix-accept", OURS, "`accept4`, UNIX: instructions", REMEMBERS),
)
START = ("the library looks for the file, the directory and rules, checks variables, finds the "
         "real functions, and maps the memory for descriptors")


def _beside(data):
    """(what, form, ours, {peer: its number}, why)"""
    counted = data.get("instructions", {}).get("counted", {})
    for subject, way, what, why in INSTRUCTIONS:
        its = counted.get(subject, {})
        if way in its:
            yield (what, lambda more: f"{more:+,.0f}", its[way] - its[BARE],
                   {peer: its[peer] - its[BARE] for peer in PEERS if peer in its}, why)
    starts = data.get("startup")
    if starts:
        yield ("start with keepalive from variables, more than an empty library",
               lambda more: f"{more / 1000:+.0f} µs", starts["more"][VARIABLES][1],
               {peer: starts["more"][peer][1] for peer in PEERS if peer in starts["more"]}, START)
        memory = starts["memory"]
        yield ("private memory with the same", lambda more: f"{more:+.0f} KB",
               memory[VARIABLES] - memory[BARE],
               {peer: memory[peer] - memory[BARE] for peer in PEERS if peer in memory},
               "most of it is the library file, private as long as no other process has it; the "
               "rest is the policy, and what is remembered of descriptors")


def _peers(data):
    for what, form, ours, peers, why in _beside(data):
        ahead = {peer: its for peer, its in peers.items() if its < ours}
        if ahead:
            yield [what, form(ours),
                   "; ".join(f"{peer} {form(its)}" for peer, its in ahead.items()), why]


def section(data):
    """data: {part: what it measured}.  Empty where nothing is behind."""
    text = []
    calls, peers = list(_calls(data)), list(_peers(data))
    if calls:
        text += ["## Where libsockopt is behind the bare program, and why\n",
                 "Extra system calls, compared with the bare program or with a hand-written client "
                 "that sets the same options:\n",
                 page.texts(["", "extra system calls", "time", "why"], calls),
                 "Everywhere else the number is the same. What it costs in time and instructions "
                 "is in the sections below.\n"]
    if peers:
        text += ["## Where a peer is ahead, and why\n",
                 "Both peers set keepalive on each new stream socket, including listeners, and "
                 "accepted sockets inherit it. They read a few variables, know four options, and "
                 "hook only `socket`. Compared with the bare program:\n",
                 page.texts(["", "libsockopt", "the peer", "why"], peers)]
    return "\n".join(text)
