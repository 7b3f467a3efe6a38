#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `sockopt pods`, `sockopt watch` and kubectl's proxy cost on a node that is made up: memory, and
processor time in a minute, at rest and with a hundred pods that have a thousand listeners.

    node.py BUILD [KUBECTL]     as root; nothing stays of it
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

PODS, LISTENERS, SECONDS = 100, 10, 60
HERE = pathlib.Path(__file__).resolve()
POLICY = "[sockopt]\nkeepalive = on\nkeepidle = 60s\nbacklog = 4096\n"
SERVER = f"""
import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0), backlog=16) for _ in range({LISTENERS})]
print("up", flush=True)
sys.stdin.read()
"""


def kib(process, field):
    for line in pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise SystemExit(f"no {field}")


def processor_ms(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")


def bpf_kib():
    """What the kernel holds for maps and programs of the engine."""
    total = 0
    for kind in ("map", "prog"):
        for one in json.loads(subprocess.run(["bpftool", "-j", kind, "show"], capture_output=True, check=True).stdout):
            total += int(one.get("bytes_memlock", 0))
    return total // 1024


def measure(what, processes, before):
    start = {name: processor_ms(process) for name, process in processes.items()}
    time.sleep(SECONDS)
    for name, process in processes.items():
        print(f"| {what} | {name} | {kib(process, 'Rss') / 1024:.1f} MiB ({kib(process, 'Pss_Anon') / 1024:.1f}) "
              f"| {processor_ms(process) - start[name]} ms |")
    print(f"| {what} | in the kernel, for eBPF | {(bpf_kib() - before) / 1024:.1f} MiB | |", flush=True)


def wait_for(condition, limit=120):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("it does not come about")
        time.sleep(0.1)


def main():
    build, kubectl = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else "kubectl"
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    tree = next(line.split()[4] for line in mounts if " - cgroup2 " in line)
    node = pathlib.Path(tree) / f"sockopt_bench_{os.getpid()}"
    work = pathlib.Path(tempfile.mkdtemp())
    (work / "sockopt.ini").write_text(POLICY)
    started = []

    def start(*words, **more):
        process = subprocess.Popen(words, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)
        started.append(process)
        return process

    node.mkdir()
    before = bpf_kib()
    try:
        api = start("/usr/bin/python3", HERE.parents[2] / "tests/deploy/api_server.py", "-")
        port = api.stdout.readline().strip()

        def order(*words):
            api.stdin.write(json.dumps(words) + "\n")
            api.stdin.flush()
            api.stdout.readline()

        proxy = start(kubectl, "proxy", f"--server=http://127.0.0.1:{port}", f"--unix-socket={work}/api")
        wait_for((work / "api").exists)
        log = (work / "log").open("w")
        pods = subprocess.Popen([build / "sockopt", "pods", "-c", work / "sockopt.ini", "--api", work / "api",
                                 "--node", "here", "--cgroup-root", node], stdout=log, stderr=log)
        watch = subprocess.Popen([build / "sockopt", "watch"], stdout=log, stderr=log)
        started += [pods, watch]
        processes = {"pods": pods, "watch": watch, "kubectl proxy": proxy}
        print("| | | memory (of its own) | processor time in a minute |\n| --- | --- | ---: | ---: |")
        measure("no pod", processes, before)
        busy = {name: processor_ms(process) for name, process in processes.items()}
        for number in range(PODS):
            uid = f"0a1b2c3d-0000-4000-8000-{number:012}"
            cgroup = node / "kubepods.slice" / f"kubepods-pod{uid.replace('-', '_')}.slice"
            cgroup.mkdir(parents=True)
            order("put", {"metadata": {"uid": uid, "name": f"web-{number}", "namespace": "shop",
                                       "labels": {"sockopt": "attach"}},
                          "spec": {"nodeName": "here"}, "status": {"phase": "Running"}})
        attached = lambda: (work / "log").read_text().count(": attached,") == PODS
        wait_for(attached)
        for cgroup in (node / "kubepods.slice").glob("*.slice"):
            server = start("sh", "-c", 'echo $$ >"$0"/cgroup.procs && exec /usr/bin/python3 -c "$1"', cgroup, SERVER)
            server.stdout.readline()
        wait_for(lambda: (work / "log").read_text().count("backlog 16 -> ") >= PODS)
        for name, process in processes.items():
            print(f"| {PODS} pods come, {PODS * LISTENERS} listeners | {name} | | {processor_ms(process) - busy[name]} ms in all |")
        measure(f"{PODS} pods, {PODS * LISTENERS} listeners", processes, before)
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
        subprocess.run([build / "sockopt", "detach", "--all"], stdout=subprocess.DEVNULL)
        for top, _, _ in os.walk(node, topdown=False):
            os.rmdir(top)
        subprocess.run(["rm", "-rf", work])


if os.environ.get("IN_NAMESPACE"):
    main()
else:
    # A bpf file system of its own: what is attached on this machine stays as it is.
    os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                           'mount -t bpf bpf /sys/fs/bpf && exec "$@"', "sh", *sys.orig_argv],
               {**os.environ, "IN_NAMESPACE": "yes"})
