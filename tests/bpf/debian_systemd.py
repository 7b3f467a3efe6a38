#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the services of the bpf engine under systemd, on Debian's own kernel in an emulator.

    debian_systemd.py BUILD_DIRECTORY UNPACKED_KERNEL

The guest's first process is this system's systemd; nothing here is started under it. One of its units is
what tests: sockopt-watch.service as it is installed, and the drop-in of `enable --engine bpf` for a server
that no library reaches. Exit status 77: it cannot run here.
"""
import os
import re
import sys

sys.dont_write_bytecode = True
from debian_kernel import END, LOAD_MODULES, boot, skip  # noqa: E402

SYSTEMD = "/lib/systemd/systemd"
UNITS = "/lib/systemd/system"
PROGRAMS = "sh env cat systemctl mount umount ss python3".split()
TARGETS = "basic sysinit multi-user shutdown local-fs swap paths sockets timers slices".split()
POLICY = "[rule keeper]\nprogram = keeper_static\nkeepalive = on\nkeepidle = 61s\nbacklog = 300\n"
TESTING = """[Unit]
Description=Tests
[Service]
Type=oneshot
ExecStart=/usr/bin/env python3 /tests.py
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
Environment=PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TimeoutStartSec=infinity
"""
KEEPER = """[Unit]
Description=A server
[Service]
ExecStart={program}
"""
TESTS = r"""
import ctypes, json, os, subprocess, time, traceback
libc = ctypes.CDLL(None, use_errno=True)
LOAD_MODULES
def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout
def eventually(ask):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found = ask()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within 120 s: {ask()}")
def main_pid(unit):
    return int(run("systemctl", "show", "-p", "MainPID", "--value", unit))
def attached():
    return json.loads(run("sockopt", "attach", "--list", "--json"))["attachments"]
def sockets():
    pid = main_pid("keeper")
    return json.loads(run("sockopt", "show", "--json", str(pid)))["sockets"] if pid else []
def values(key):
    return sorted(one["options"][key]["value"] for one in sockets() if one["options"][key]["value"] is not None)
def has_policy():
    # Its listener, and both ends of its connection.
    return values("keepidle") == [61, 61, 61] and values("backlog") == [300]

def the_service_watches():
    run("systemctl", "enable", "--now", "sockopt-watch")
    assert run("systemctl", "is-active", "sockopt-watch") == "active\n"
def a_unit_has_its_policy_from_the_start():
    run("sockopt", "enable", "--engine", "bpf", "-c", "/etc/own.ini", "keeper")
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "keeper")
    eventually(has_policy)
    one, = attached()
    assert one["target"] == "-u keeper.service" and one["watched"], one
def a_restart_has_it_too():
    before = main_pid("keeper")
    run("systemctl", "restart", "keeper")
    assert main_pid("keeper") != before
    eventually(has_policy)
    assert len(attached()) == 1, attached()
def a_service_that_is_killed_catches_up():
    before = main_pid("sockopt-watch")
    os.kill(before, 9)
    run("systemctl", "restart", "keeper")
    eventually(has_policy)
    assert main_pid("sockopt-watch") not in (0, before)
def the_end_of_a_unit_is_the_end_of_its_attachment():
    run("systemctl", "stop", "keeper")
    assert attached() == [], attached()
    run("sockopt", "disable", "keeper")
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "keeper")
    eventually(lambda: values("keepidle") == [7200, 7200, 7200])
    assert attached() == [], attached()
def stopped_it_ends_well():
    run("systemctl", "disable", "--now", "sockopt-watch")
    assert run("systemctl", "show", "-p", "Result", "--value", "sockopt-watch") == "success\n"

failed = 0
for test in (the_service_watches, a_unit_has_its_policy_from_the_start, a_restart_has_it_too,
             a_service_that_is_killed_catches_up, the_end_of_a_unit_is_the_end_of_its_attachment,
             stopped_it_ends_well):
    begin = time.monotonic()
    try:
        test()
        word = "       OK"
    except Exception:
        print(traceback.format_exc(), flush=True)
        word = "  FAILED "
        failed = 1
    print(f"[{word} ] {test.__name__} ({(time.monotonic() - begin) * 1000:.0f} ms)", flush=True)
print("END", failed, flush=True)
os.sync()
libc.reboot(0x4321fedc)
"""


def main():
    build, directory = sys.argv[1:]
    build = os.path.realpath(build)
    if not os.access(SYSTEMD, os.X_OK):
        skip(f"needs {SYSTEMD}")
    with open(f"{build}/tools/sockopt/bpf/sockopt-watch.service", encoding="utf-8") as file:
        service = file.read()
    command = re.search(r"^ExecStart=(\S+)", service, re.M).group(1)
    tests = TESTS.replace("LOAD_MODULES", LOAD_MODULES.strip()).replace("END", END)

    def fill(archive):
        archive.program(SYSTEMD)
        for target in TARGETS:
            archive.copy(f"{UNITS}/{target}.target")
        archive.directory("/tmp")
        archive.data("/etc/passwd", b"root:x:0:0::/:/bin/sh\n")
        archive.data("/etc/group", b"root:x:0:\n")
        archive.data("/etc/machine-id", b"0" * 31 + b"1\n")
        archive.data("/etc/own.ini", POLICY.encode())
        archive.data("/etc/systemd/system/sockopt-watch.service", service.encode())
        archive.data("/etc/systemd/system/tests.service", TESTING.encode())
        keeper = KEEPER.format(program=f"{build}/tests/bpf/keeper_static")
        archive.data("/etc/systemd/system/keeper.service", keeper.encode())
        with open(f"{build}/sockopt", "rb") as file:
            archive.data(command, file.read(), 0o755)
        archive.data("/tests.py", tests.encode())

    sys.exit(boot(build, directory, PROGRAMS, fill,
                  f"rdinit={SYSTEMD} systemd.unit=tests.service systemd.log_target=console "
                  "systemd.log_level=err systemd.show_status=no"))


main()
