#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs tests of the bpf engine on Debian's own kernel, in an emulator without KVM.

    debian_kernel.py BUILD_DIRECTORY UNPACKED_KERNEL FILTER

The kernel package is unpacked, not installed. The guest has no disk: what the tests start, with the
libraries it needs, is put into an archive that the kernel unpacks into memory, each file at the path that
it has here. FILTER is that of bpf_tests. Exit status 77: it cannot run here.
"""
import ctypes
import glob
import lzma
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

MOST_SECONDS = 600
PROGRAMS = """sh env true cat sleep find rmdir mkdir touch
    python3 ss ip bpftool unshare setpriv mount umount""".split()
MODULES = ["inet_diag", "tcp_diag"]
PYTHON_WITHOUT = {
    "asyncio", "concurrent", "curses", "dbm", "dist-packages", "distutils", "email", "ensurepip", "html",
    "http", "idlelib", "lib2to3", "logging", "multiprocessing", "pydoc_data", "sqlite3", "test", "tkinter",
    "tomllib", "turtledemo", "unittest", "urllib", "venv", "wsgiref", "xml", "xmlrpc", "zoneinfo"}
PYTHON_MODULES = ("_ctypes", "_json", "_posixsubprocess", "_socket", "_struct", "array", "fcntl", "math",
                  "resource", "select")
END = "guest: tests ended with"

LOAD_MODULES = r"""
for module in sorted(os.listdir("/modules")):
    fd = os.open("/modules/" + module, os.O_RDONLY)
    if libc.syscall(313, fd, b"", 0) != 0:
        print("guest: no", module, os.strerror(ctypes.get_errno()), flush=True)
"""
INIT = r"""#!/usr/bin/python3
import ctypes, fcntl, os, socket, struct, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
def mount(kind, where):
    os.makedirs(where, exist_ok=True)
    if libc.mount(kind.encode(), where.encode(), kind.encode(), 0, None) != 0:
        print("guest: no", kind, os.strerror(ctypes.get_errno()), flush=True)
for kind, where in (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("cgroup2", "/sys/fs/cgroup"),
                    ("tmpfs", "/run")):
    mount(kind, where)
os.makedirs("/run/tmp")
LOAD_MODULES
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 1))
os.environ.update(PATH="/usr/sbin:/usr/bin:/sbin:/bin", TMPDIR="/run/tmp", HOME="/", LC_ALL="C.UTF-8")
print("guest: Linux", os.uname().release, flush=True)
ended = subprocess.run(sys.argv_of_tests)
print("END", ended.returncode, flush=True)
os.sync()
libc.reboot(0x4321fedc)
"""


class Archive:
    """A cpio archive as the kernel reads it ("newc")."""

    def __init__(self, file):
        self.file = file
        self.inode = 0
        self.known = {""}

    def entry(self, name, mode, data=b""):
        self.inode += 1
        words = [self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08x" % word for word in words) + name.encode() + b"\0"
        self.file.write(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))

    def parents(self, name):
        parent = os.path.dirname(name)
        if parent in self.known:
            return
        self.parents(parent)
        self.known.add(parent)
        if os.path.islink("/" + parent):  # as /bin, on Debian
            target = os.readlink("/" + parent)
            self.entry(parent, 0o120777, target.encode())
            target = os.path.normpath(os.path.join("/" + os.path.dirname(parent), target))
            self.directory(target)
        else:
            self.entry(parent, 0o40755)

    def directory(self, path):
        self.parents(path.strip("/") + "/x")

    def data(self, path, data, mode=0o644):
        name = path.strip("/")
        if name in self.known:
            return
        self.parents(name)
        self.known.add(name)
        self.entry(name, 0o100000 | mode, data)

    def copy(self, path):
        """A file, what the links on the way to it are, and what it is linked with."""
        name = path.strip("/")
        if name in self.known:
            return
        if os.path.islink(path):
            self.parents(name)
            self.known.add(name)
            target = os.readlink(path)
            self.entry(name, 0o120777, target.encode())
            self.copy(os.path.normpath(os.path.join(os.path.dirname(path), target)))
            return
        with open(path, "rb") as file:
            self.data(path, file.read(), os.stat(path).st_mode & 0o7777)

    def program(self, path):
        self.copy(path)
        linked = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
        for library in re.findall(r"(/\S+) \(0x", linked.stdout):
            self.copy(library)

    def python(self, interpreter):
        """Its library, without the large parts that the tests do not use."""
        ask = [interpreter, "-c", "import os; print(os.path.dirname(os.__file__))"]
        library = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
        for directory, below, files in os.walk(library):
            if directory == library:
                below[:] = [one for one in below
                            if one not in PYTHON_WITHOUT and not one.startswith("config-")]
            for file in files:
                path = os.path.join(directory, file)
                if file.endswith(".so") and not file.startswith(PYTHON_MODULES):
                    continue
                self.program(path) if file.endswith(".so") else self.copy(path)


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def find_kernel(directory):
    kernels = sorted(glob.glob(directory + "/boot/vmlinuz-*"))
    if platform.machine() != "x86_64":
        skip("the emulated machine is x86-64, and so must be the programs")
    if not kernels:
        skip(f"no kernel package is unpacked in {directory}; tools/test.sh does that")
    if not shutil.which("qemu-system-x86_64"):
        skip("needs qemu-system-x86_64 (package qemu-system-x86)")
    return kernels[-1]


def add_guest(archive, build, directory, release, names):
    """What every guest has: these programs, the command and what the tests start, and the modules."""
    for place in ("dev", "proc", "sys", "run", "modules"):
        archive.directory("/" + place)
    archive.entry("dev/console", 0o20600)
    for name in names:
        program = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if program is None:
            skip(f"needs {name}")
        archive.program(program)
        if name == "python3":
            archive.python(program)
    archive.program(f"{build}/sockopt")
    for service in ("watch", "attach"):
        archive.copy(f"{build}/tools/sockopt/bpf/sockopt-{service}.service")
    for program in glob.glob(f"{build}/tests/bpf/*") + [f"{build}/tests/victims/actor"]:
        if os.path.isfile(program) and os.access(program, os.X_OK):
            archive.program(program)
    for number, name in enumerate(MODULES):
        for module in glob.glob(f"{directory}/**/modules/{release}/**/{name}.ko*", recursive=True):
            opened = lzma.open if module.endswith(".xz") else open
            with opened(module, "rb") as content:
                archive.data(f"/modules/{number}-{name}.ko", content.read())


def boot(build, directory, names, fill, command_line=""):
    """Runs a guest to its end, with what `fill` adds to its archive; the status of the tests."""
    kernel = find_kernel(directory)
    release = os.path.basename(kernel).removeprefix("vmlinuz-")
    with tempfile.TemporaryDirectory() as work:
        initrd = work + "/initrd"
        with open(initrd, "wb") as file:
            archive = Archive(file)
            add_guest(archive, os.path.realpath(build), directory, release, names)
            fill(archive)
            archive.entry("TRAILER!!!", 0)
        guest = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "1024", "-display", "none",
             "-nodefaults", "-no-user-config", "-no-reboot", "-serial", "stdio", "-kernel", kernel, "-initrd",
             # On a busy host the kernel finds that timers come too late, and gives up.
             initrd, "-append", "console=ttyS0 quiet panic=-1 random.trust_cpu=on tsc=reliable no_timer_check "
             "mitigations=off " + command_line],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace",
            preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL))  # not without us
        limit = threading.Timer(MOST_SECONDS, guest.kill)
        limit.start()
        output = []
        for line in guest.stdout:
            print(line, end="", flush=True)
            output.append(line.rstrip())
        guest.wait()
        limit.cancel()
    counts = {word: sum(bool(re.match(rf"\[ +{word} +\] \S+( \(\d+ ms\)|, where.*)$", line)) for line in output)
              for word in ("OK", "FAILED", "SKIPPED")}
    print(f"on Linux {release}: {counts['OK']} passed, {counts['FAILED']} failed, {counts['SKIPPED']} skipped")
    if not any(line.startswith(END) for line in output):
        print(f"the tests did not come to their end within {MOST_SECONDS} s")
    return 0 if f"{END} 0" in output and counts["OK"] > 0 else 1


def main():
    build, directory, gtest_filter = sys.argv[1:]
    tests = [f"{os.path.realpath(build)}/bpf_tests", "--gtest_color=no", "--gtest_filter=" + gtest_filter]
    init = INIT.replace("sys.argv_of_tests", repr(tests)).replace("END", END)

    def fill(archive):
        for name in ("bpf_tests", "libsockopt.so"):
            archive.program(f"{os.path.realpath(build)}/{name}")
        archive.data("/init", init.replace("LOAD_MODULES", LOAD_MODULES.strip()).encode(), 0o755)

    sys.exit(boot(build, directory, PROGRAMS, fill))


if __name__ == "__main__":
    main()
