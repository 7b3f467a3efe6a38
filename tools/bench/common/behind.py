# SPDX-License-Identifier: MIT
"""Where it is behind the bare program, or a peer, and why: the reasons are written here, the
numbers come from what was measured."""

from . import page
from .ways import BARE, OWN

OURS, FAR, FOUR = "libsockopt", "libsockopt, 200 rules", "libsockopt, keepalive only"
STACK = f"{FAR}, the address on the stack"
BEYOND, PRIORITY = "libsockopt, descriptors beyond its table", "libsockopt, priority besides"
VARIABLES = "libsockopt, keepalive by variables"
PEERS = ("libkeepalive", "libdontdie")

# (part, family, way, what, why)
CALLS = (
    ("accept", "ipv4", PRIORITY, "accept, where `priority` is asked for",
     "Linux does not hand SO_PRIORITY on to an accepted socket"),
    ("accept", "mptcp", OURS, "accept on an MPTCP listener, a TCP client",
     "an MPTCP listener refuses TCP_USER_TIMEOUT, and so cannot hand it on: the accepted socket is "
     "asked whether it is TCP's, and is then given it"),
    ("accept", "mptcp-clients", OURS, "accept on an MPTCP listener, an MPTCP client",
     "the same question; MPTCP does not take the option, and it is left at that"),
    ("clients", None, FAR, "a client where rules name peers",
     "the address has to be read to know which rule is meant. A program may pass one that cannot "
     "be read, which is EFAULT and no crash: so the kernel is asked first, unless the address is "
     "on the caller's stack, where most programs have it"),
    ("clients", None, BEYOND, "a client whose descriptor is beyond the table",
     "there is memory for 32,768 descriptors, and for fewer where RLIMIT_AS or RLIMIT_DATA is below "
     "320 MiB. "
     "What a socket beyond them is, and what it was given, is not remembered and is asked each "
     "time"),
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
        to = "to hand-written" if its["base"] == OWN else "to bare"
        yield [what, page.calls(more), f"{ratio[1]:.3f} {to}", why]


# (subject of `instructions`, way, what, why)
REMEMBERS = ("each descriptor is remembered, by two stores, so that `enforce` wins over what the "
             "program sets later and a number that is used again is not taken for the old socket; "
             "the peers do not hook it")
LOOKS = ("that its number is none of TCP's is remembered, so that `bind`, `listen`, `connect` and "
         "`setsockopt`, which are hooked too, need not ask; the peers look at the arguments")
INSTRUCTIONS = (
    ("accept", OURS, "`accept4`: instructions", REMEMBERS + " and let it inherit what they set at "
     "`socket`"),
    ("client", FOUR, "a client with four options: instructions",
     "`connect` is hooked too, for rules about peers and for what it resets, a refusal is looked "
     "at, and the number is remembered"),
    ("udp", OURS, "a UDP socket: instructions", LOOKS),
    ("udp-connect", OURS, "a UDP socket that connects: instructions", LOOKS),
    ("unix", OURS, "a UNIX socket: instructions", LOOKS),
    ("unix-accept", OURS, "`accept4`, UNIX: instructions", REMEMBERS),
)
START = ("file, directory and rules are looked for, variables checked, functions found without "
         "dlsym, and the memory for descriptors made, in one go")


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
        yield ("start with keepalive by variables, over an empty library",
               lambda more: f"{more / 1000:+.0f} µs", starts["more"][VARIABLES][1],
               {peer: starts["more"][peer][1] for peer in PEERS if peer in starts["more"]}, START)
        memory = starts["memory"]
        yield ("private memory with the same", lambda more: f"{more:+.0f} KB",
               memory[VARIABLES] - memory[BARE],
               {peer: memory[peer] - memory[BARE] for peer in PEERS if peer in memory},
               "64 KB of it are the file itself, private as long as no other process has it; 40 KB "
               "remember 1,024 descriptors; the rest is what was read, and what the library knows "
               "of itself")


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
        text += ["## Where it is behind the bare program, and why\n",
                 "System calls beyond those of the bare program, or of a hand-written client with "
                 "the same options:\n",
                 page.texts(["", "system calls more", "time", "why"], calls),
                 "Everywhere else the number is the same. The time and the instructions that it "
                 "takes nevertheless are in the sections below.\n"]
    if peers:
        text += ["## Where a peer is ahead, and why\n",
                 "Both peers set keepalive on each new stream socket, listeners too, and let "
                 "accepted sockets inherit it. They read some variables, know four options, and "
                 "hook `socket` and nothing else. More than the bare program:\n",
                 page.texts(["", "libsockopt", "the peer", "why"], peers)]
    return "\n".join(text)
