# SPDX-License-Identifier: MIT
#
# An echo server, and, for a line "connect PORT", a client of 127.0.0.1:PORT that is held open.
import asyncio
import sys

held = []


async def handle(reader, writer):
    while line := await reader.readline():
        words = line.split()
        if words[0] == b"connect":
            held.append(await asyncio.open_connection("127.0.0.1", int(words[1])))
            line = b"connected\n"
        writer.write(line)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(handle, sys.argv[1], 0)
    async with server:
        await server.serve_forever()


asyncio.run(main())
