#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs every query of Grafana dashboards in a Prometheus that holds metrics as they were exposed.

    dashboard.py METRICS DIRECTORY DASHBOARD...

Prints a line for each query that finds nothing, and for each label of a legend that its result lacks.
"""
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

STEP, SAMPLES = 30, 60
# What the scrape adds.
SCRAPED = 'instance="a",job="node"'


def history(exposed, end):
    """Half an hour of these metrics, in which the counters rise."""
    for line in exposed.splitlines():
        if not line or line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r"(\w+)(?:{(.*)})? (\S+)", line).groups()
        labels = f"{labels},{SCRAPED}" if labels else SCRAPED
        for i in range(SAMPLES):
            rise = i if name.endswith("_total") else 0
            yield f"{name}{{{labels}}} {float(value) + rise} {end - (SAMPLES - 1 - i) * STEP}\n"


class Prometheus:
    def __init__(self, directory, metrics, end):
        self.end = end
        samples = directory / "samples.om"
        samples.write_text("".join(history(metrics, end)) + "# EOF\n")
        data = directory / "data"
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", samples, data],
                       check=True, stdout=subprocess.DEVNULL)
        settings = directory / "prometheus.yml"
        settings.write_text("global: {}\n")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={settings}", f"--storage.tsdb.path={data}",
             "--web.listen-address=127.0.0.1:0"],
            cwd=directory, stdout=subprocess.DEVNULL, stderr=(directory / "prometheus.log").open("w"))

    def __enter__(self):
        limit = time.monotonic() + 30
        while time.monotonic() < limit and self.process.poll() is None:
            try:
                self.port = self.listens_at()
                self.ask("query", query="1")
                return self
            except (OSError, LookupError):
                time.sleep(0.05)
        self.__exit__()
        raise SystemExit("prometheus does not answer")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def listens_at(self):
        said = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
        found = re.search(rf"127\.0\.0\.1:(\d+) .*pid={self.process.pid},", said)
        if not found:
            raise LookupError("it does not listen yet")
        return found[1]

    def ask(self, what, **parameters):
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{what}?{query}") as said:
                return json.load(said)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def query(self, expression):
        """The labels of each series of the result, or what is wrong with the query."""
        said = self.ask("query", query=expression, time=self.end)
        if said["status"] != "success":
            return said["error"]
        return [one["metric"] for one in said["data"]["result"]]


def faults(dashboard, prometheus):
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"]).groups()
        found = prometheus.query(f'{metric}{{{label}!=""}}')
        if not found or isinstance(found, str):
            yield f"${variable['name']}: {found or 'no such metric or label'}"
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            where = f"{panel['title']}: {target['expr']}"
            found = prometheus.query(re.sub(r"\$\w+", ".*", target["expr"]))
            if not found or isinstance(found, str):
                yield f"{where}: {found or 'finds nothing'}"
                continue
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                if not all(series.get(label) for series in found):
                    yield f"{where}: has no {label}"


def main():
    metrics, directory = pathlib.Path(sys.argv[1]).read_text(), pathlib.Path(sys.argv[2])
    # A whole multiple of the step, and past: blocks are only made of what is.
    end = int(time.time()) // 7200 * 7200 - 7200
    with Prometheus(directory, metrics, end) as prometheus:
        for path in map(pathlib.Path, sys.argv[3:]):
            text = path.read_text()
            for fault in faults(json.loads(text), prometheus):
                print(f"{path.name}: {fault}")
            for name in sorted(set(re.findall(r"^sockopt_\w+", metrics, re.M)) - set(re.findall(r"\w+", text))):
                print(f"{path.name}: {name} is shown nowhere")


main()
