# SPDX-License-Identifier: MIT
"""Real servers, and the load generators that go with them."""

import csv
import os
import re
import resource
import socket
import subprocess
import time

LIMIT = 30  # seconds that anything may take


def free_port():
    """One that the kernel chose.  Nobody else is in this network namespace."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def wait_for(port, process):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args}: ended with {process.returncode}")
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)  # until the next try
    raise TimeoutError(f"{process.args}: does not listen")


class Server:
    """command: of the port.  Without a master process, so that it is one process."""

    def __init__(self, bench, way, directory, command):
        self.port = free_port()
        os.makedirs(directory)
        with open(f"{directory}/log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command(directory, self.port), env=bench.environment(way), cwd=directory,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=bench.settle_on())
        wait_for(self.port, self.process)

    def processor_time(self):
        """Nanoseconds of all of its threads."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            path = f"/proc/{self.process.pid}/task/{thread}/schedstat"
            with open(path, encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def nginx(listen_more=""):
    def command(directory, port):
        with open(f"{directory}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(f"""
daemon off;
user root;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port}{listen_more};
    location / {{ return 200 "hello\\n"; }}
  }}
}}
""")
        return ["nginx", "-p", directory, "-c", f"{directory}/nginx.conf"]
    return command


def redis(keepalive=0):
    def command(directory, port):
        return ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no", "--dir", directory, "--tcp-keepalive", str(keepalive)]
    return command


def processor_time_of_loads():
    """Nanoseconds that all load generators took until now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1e9


def run(bench, *words):
    """On the server's processor, which is busy all the time then.  A client on one of its own takes
    longer for a connection than the server, which waits then and can be slower without a sign."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT,
                          preexec_fn=bench.settle_on())
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000}


def load_nginx(bench, port):
    """A connection for each request: (requests, milliseconds at 99 %)."""
    output = run(bench, "wrk", "-t1", "-c16", "-d1s", "--latency", "-H", "Connection: close",
                 f"http://127.0.0.1:{port}/")
    failed = re.search(r"Socket errors:.*|Non-2xx.*", output)
    if failed:
        raise RuntimeError(f"wrk: {failed[0]}")
    requests = int(re.search(r"(\d+) requests in", output)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", output).groups()
    return requests, float(value) * MILLISECONDS[unit]


def load_redis(bench, port):
    """A connection for each command, of about a second."""
    count = max(500, int(load_redis.rate))
    output = run(bench, "redis-benchmark", "-h", "127.0.0.1", "-p", str(port), "-k", "0", "-c",
                 "16", "-n", str(count), "-t", "ping_mbulk", "--csv")
    row = next(csv.DictReader(output.splitlines()))
    load_redis.rate = float(row["rps"])
    return count, float(row["p99_latency_ms"])


load_redis.rate = 0
