#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""As much of a Kubernetes API server as lists and watches pods.

    api_server.py SOCKET    answers at this Unix socket, or if that is a -, at a port that it prints

Follows the orders on its standard input, a JSON array a line, and prints `done` after each:
    ["put", POD]        a pod comes or changes: an object with metadata, spec.nodeName, status.phase
    ["delete", UID]     it goes
    ["refuse", CODE]    requests are answered with this status from now on; 200: no longer
    ["hang up"]         all who watch are cut off
"""
import http.server
import json
import queue
import socketserver
import sys
import threading
import urllib.parse

lock = threading.Lock()
pods, watchers = {}, []
state = {"version": 1, "refuse": 200}


def matches(pod, parameters):
    fields = {"spec.nodeName": pod["spec"].get("nodeName", ""), "status.phase": pod["status"]["phase"]}
    labels = pod["metadata"].get("labels", {})
    for known, selector in ((fields, "fieldSelector"), (labels, "labelSelector")):
        for term in filter(None, parameters.get(selector, [""])[0].split(",")):
            name, value = term.split("!=" if "!=" in term else "=")
            if (known.get(name) == value) == ("!=" in term):
                return False
    return True


def metadata_of(pod):
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": pod["metadata"]}


def change(uid, pod):
    """Tells each watcher what that is for its selection."""
    state["version"] += 1
    before = pods.pop(uid, None)
    if pod:
        pod["metadata"]["resourceVersion"] = str(state["version"])
        pods[uid] = pod
    for events, parameters in watchers:
        was = before is not None and matches(before, parameters)
        now = pod is not None and matches(pod, parameters)
        if was or now:
            kind = "DELETED" if not now else "MODIFIED" if was else "ADDED"
            events.put({"type": kind, "object": metadata_of(pod or before)})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "unix"

    def say(self, code, body):
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        parameters = urllib.parse.parse_qs(url.query)
        with lock:
            code = state["refuse"]
            if code == 200 and url.path != "/api/v1/pods":
                code = 404
            if code == 200 and "as=PartialObjectMetadata" not in self.headers.get("Accept", ""):
                code = 406
            chosen = [metadata_of(pod) for pod in pods.values() if matches(pod, parameters)]
            version = str(state["version"])
            events = queue.Queue()
            if code == 200 and "watch" in parameters:
                if parameters["resourceVersion"] != [version]:
                    code = 410
                else:
                    watchers.append((events, parameters))
        if code != 200:
            self.say(code, {"kind": "Status", "message": "pods is forbidden"})
        elif "watch" not in parameters:
            self.say(200, {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                           "metadata": {"resourceVersion": version}, "items": chosen})
        else:
            self.watch(events)

    def watch(self, events):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        chunked = self.request_version == "HTTP/1.1"
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        try:
            while (event := events.get()) is not None:
                text = json.dumps(event).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text) if chunked else text)
                self.wfile.flush()
        except OSError:
            pass


class Unix(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class Tcp(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


def main():
    if sys.argv[1] == "-":
        server = Tcp(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
    else:
        server = Unix(sys.argv[1], Handler)
        print("ready", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for line in sys.stdin:
        order, *values = json.loads(line)
        with lock:
            if order == "put":
                change(values[0]["metadata"]["uid"], values[0])
            elif order == "delete":
                change(values[0], None)
            elif order == "refuse":
                state["refuse"] = values[0]
            if order in ("hang up", "refuse"):
                for events, _ in watchers:
                    events.put(None)
                watchers.clear()
        print("done", flush=True)


main()
