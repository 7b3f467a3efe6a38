# SPDX-License-Identifier: MIT
#
# A program that was handed a listener by one without the library, and has not accepted on it yet.
import signal

print("ready", flush=True)
while True:
    signal.pause()
