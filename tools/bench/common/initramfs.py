# SPDX-License-Identifier: MIT
"""The guest's file system: an archive in cpio's "newc" format, as the kernel unpacks it."""

import os
import stat
import subprocess


def needed(path):
    """The shared libraries and the loader that a program needs, as ldd finds them."""
    output = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    words = [word for line in output.splitlines() for word in line.split()]
    return sorted({word for word in words if word.startswith("/")})


class Archive:
    """Everything in it is root's."""

    def __init__(self):
        self.parts, self.names = [], set()

    def _entry(self, name, mode, content=b""):
        encoded = name.encode() + b"\0"
        fields = (len(self.names), mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        self.parts += [head, bytes(-len(head) % 4), content, bytes(-len(content) % 4)]
        self.names.add(name)

    def _directories(self, name):
        parent = os.path.dirname(name)
        if parent and parent not in self.names:
            self._directories(parent)
            self._entry(parent, stat.S_IFDIR | 0o755)

    def add(self, path, content, mode=0o644):
        name = path.lstrip("/")
        if name not in self.names:
            self._directories(name)
            self._entry(name, stat.S_IFREG | mode, content)

    def add_file(self, path, source):
        with open(source, "rb") as file:
            self.add(path, file.read(), 0o755)

    def add_program(self, path, source):
        """A dynamically linked one, with what it needs."""
        self.add_file(path, source)
        for library in needed(source):
            self.add_file(library, library)

    def write(self, path):
        self._entry("TRAILER!!!", 0)
        with open(path, "wb") as file:
            file.write(b"".join(self.parts))
