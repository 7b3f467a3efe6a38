# SPDX-License-Identifier: MIT
"""Listeners below an attachment while `sockopt watch` runs: how long each waits for its backlog, and
what the watcher needs. Prints it as JSON.

Started by subjects/watch.py, in a mount and a network namespace of its own:
BUILD_DIRECTORY WORK LISTENERS ROUNDS.
"""

import contextlib
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time

build, work = sys.argv[1], sys.argv[2]
listeners, rounds = (int(word) for word in sys.argv[3:])
BACKLOG = 300
EACH = 200  # listeners one after the other, in each round
SOCKOPT = f"{build}/sockopt"
LIMIT = 60


def mount_of_cgroups():
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        for line in mounts:
            if " - cgroup2 " in line:
                return line.split()[4]
    sys.exit("no cgroup2 file system is mounted")


@contextlib.contextmanager
def new_cgroup(name):
    """Gone at the end, with all that is in it."""
    path = f"{mount_of_cgroups()}/sockopt_bench_{name}_{os.getpid()}"
    os.mkdir(path)
    try:
        yield path
    finally:
        with open(f"{path}/cgroup.kill", "w", encoding="ascii") as kill:
            kill.write("1")
        end = time.monotonic() + LIMIT
        while os.path.isdir(path) and time.monotonic() < end:
            with contextlib.suppress(OSError):
                os.rmdir(path)
            time.sleep(0.01)


def within(cgroup):
    def move():
        with open(f"{cgroup}/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return move


def attach(cgroup, *more):
    """Its time and what it said."""
    start = time.monotonic()
    done = subprocess.run([SOCKOPT, "attach", "--no-file", "-o", f"backlog={BACKLOG}", "-o",
                           "keepidle=61s", "--cgroup", cgroup, "--json", *more],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                          env={"XDG_STATE_HOME": work})
    return time.monotonic() - start, json.loads(done.stdout)


@contextlib.contextmanager
def watching():
    """A watcher that is ready."""
    path = f"{work}/notify"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(LIMIT)
        watcher = subprocess.Popen([SOCKOPT, "watch"], stdout=subprocess.DEVNULL,
                                   env={"NOTIFY_SOCKET": path})
        try:
            manager.recv(64)
            yield watcher.pid
        finally:
            watcher.send_signal(signal.SIGTERM)
            watcher.wait(LIMIT)


def waited(cgroup, count, how):
    """Microseconds that listeners waited."""
    told = subprocess.run([f"{work}/listen_wait", str(BACKLOG), str(count), how],
                          stdout=subprocess.PIPE, text=True, check=True,
                          preexec_fn=within(cgroup)).stdout
    ordered = sorted(int(line) / 1000 for line in told.split())
    return {"median": statistics.median(ordered), "99 %": ordered[len(ordered) * 99 // 100],
            "slowest": ordered[-1]}


def memory(pid):
    """{line of /proc/PID/status: KiB}"""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    return {name: int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM", "RssAnon")}


def held(cgroup, count):
    """A process with that many listeners, when it has them."""
    script = ("import socket, sys, signal\n"
              "all = [socket.create_server(('127.0.0.1', 0), backlog=5)"
              " for _ in range(int(sys.argv[1]))]\n"
              "print('ready', flush=True)\nsignal.pause()\n")
    process = subprocess.Popen([sys.executable, "-c", script, str(count)], stdout=subprocess.PIPE,
                               preexec_fn=within(cgroup))
    process.stdout.readline()
    return process


subprocess.run(["mount", "--make-rprivate", "/"], check=True)
subprocess.run(["mount", "-t", "bpf", "bpf", "/sys/fs/bpf"], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
result = {"listeners": listeners, "rounds": rounds, "each": [], "together": [], "attach": [],
          "attach_established": []}
with new_cgroup("watch") as watched:
    attach(watched)
    with watching() as watcher_pid:
        for _ in range(rounds):
            result["each"].append(waited(watched, EACH, "each"))
            result["together"].append(waited(watched, listeners, "together"))
        result["memory"] = memory(watcher_pid)
for _ in range(rounds):
    with new_cgroup("established") as running:
        holder = held(running, listeners)
        result["attach"].append(attach(running)[0])
        took, told = attach(running, "--established")
        result["attach_established"].append(took)
        if told["established"]["changed"] != listeners:
            sys.exit(f"of {listeners} listeners, {told['established']['changed']} were changed")
        subprocess.run([SOCKOPT, "detach", "--cgroup", running], stdout=subprocess.DEVNULL,
                       check=True)
    holder.wait()
print(json.dumps(result))
