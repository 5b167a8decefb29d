# SPDX-License-Identifier: Apache-2.0
# app: a small web application, as many are: a few workers that share a socket, templates from its own
# folder, JSON files and a database that it writes, uploads, and a page that asks another one of its own.
import http.server
import json
import os
import pathlib
import signal
import socket
import sqlite3
import string
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path(os.environ["APP_DATA"])
PORT = 8000
WORKERS = 2
NAME = set(string.ascii_lowercase + string.digits + "-")


def page(name, **words):
    text = (HERE / "templates" / (name + ".html")).read_text()
    return string.Template(text).substitute(words).encode()


def database():
    db = sqlite3.connect(DATA / "db" / "app.db", timeout=30)
    db.execute("create table if not exists visits (who text primary key, times int)")
    return db


def write_whole(path, data):
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)
    os.replace(temporary, path)


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        with open(DATA / "log" / "access.log", "a") as log:
            log.write("%s %s\n" % (self.command, self.path))

    def answer(self, status, body, kind="text/html"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def named(self, folder, suffix):
        name = self.path.rsplit("/", 1)[1]
        if not name or not set(name) <= NAME:
            raise ValueError(name)
        return DATA / folder / (name + suffix)

    def do_GET(self):
        try:
            self.get()
        except (FileNotFoundError, ValueError):
            self.answer(404, page("error", what="not found"))

    def get(self):
        if self.path == "/":
            self.answer(200, page("index", count=len(os.listdir(DATA / "uploads"))))
        elif self.path.startswith("/hello/"):
            with database() as db:
                who = self.path.rsplit("/", 1)[1]
                db.execute("insert into visits values (?, 1) on conflict do update set times = times + 1", (who,))
                (times,) = db.execute("select times from visits where who = ?", (who,)).fetchone()
            db.close()
            self.answer(200, page("hello", who=who, times=times))
        elif self.path.startswith("/note/"):
            self.answer(200, self.named("notes", ".json").read_bytes(), "application/json")
        elif self.path.startswith("/upload/"):
            self.answer(200, self.named("uploads", ".txt").read_bytes(), "text/plain")
        elif self.path.startswith("/itself/"):
            url = "http://127.0.0.1:%d/hello/%s" % (PORT, self.path.rsplit("/", 1)[1])
            with urllib.request.urlopen(url) as inner:
                self.answer(200, b"from itself: " + inner.read())
        else:
            raise FileNotFoundError(self.path)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            write_whole(self.named("uploads", ".txt"), body)
        except ValueError:
            return self.answer(400, page("error", what="bad name"))
        self.answer(201, b"%d bytes\n" % len(body), "text/plain")

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        write_whole(self.named("notes", ".json"), json.dumps(form, sort_keys=True).encode() + b"\n")
        self.answer(201, b"noted\n", "text/plain")

    def do_DELETE(self):
        try:
            self.named("uploads", ".txt").unlink()
        except FileNotFoundError:
            return self.answer(404, page("error", what="not found"))
        self.answer(200, b"gone\n", "text/plain")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler, bind_and_activate=False)
    server.allow_reuse_address = True
    server.server_bind()
    server.server_activate()
    # The workers wait for the same socket: who loses the race for a connection must not hang in accept.
    server.socket.setblocking(False)
    workers = []
    for _ in range(WORKERS):
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
            server.serve_forever()
        workers.append(pid)

    def end(*_):
        for pid in workers:
            os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    for pid in workers:
        os.waitpid(pid, 0)
    sys.exit(0)


main()
