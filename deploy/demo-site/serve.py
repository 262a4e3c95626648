#!/usr/bin/env python3
"""Serves the demo's site on loopback and prints its address.

usage: serve.py [PORT]    (no port: any free one)

Static pages lie beside this file; /api/jobs answers late, so that the careers page is empty until its script has run.
"""
import http.server
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent / "pages"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".txt": "text/plain", ".svg": "image/svg+xml", ".js": "text/javascript"}
JOBS = [
    ("Platform Engineer", "Lyon", "Infrastructure"),
    ("Data Engineer", "Porto", "Analytics"),
    ("Product Designer", "Ghent", "Design"),
    ("Site Reliability Engineer", "Lyon", "Infrastructure"),
    ("Customer Success Manager", "Kraków", "Support"),
    ("Machine Learning Engineer", "Zürich", "Analytics"),
    ("Technical Writer", "Porto", "Documentation"),
    ("Finance Analyst", "Ghent", "Operations"),
]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/api/jobs":
            time.sleep(0.4)
            body = json.dumps([{"title": t, "city": c, "team": d, "path": f"/careers/{i + 1}"} for i, (t, c, d) in enumerate(JOBS)])
            return self.answer(200, "application/json", body.encode())
        name = "index" if path == "/" else path.strip("/")
        for file in (ROOT / name, ROOT / f"{name}.html"):
            if file.is_file() and ROOT in file.resolve().parents:
                return self.answer(200, TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes())
        self.answer(404, "text/html; charset=utf-8", b"<!doctype html><title>Not found</title><h1>Not found</h1>")

    do_HEAD = do_GET

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # Who asked went away.

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Handler)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    pass
