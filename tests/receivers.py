"""Receivers on this machine: a web server and a mail server that keep what they get, and can be told how to behave."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Got:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class WebReceiver:
    """`status` answers every request, or `answer(got)` decides: a status, or (status, headers, body)."""

    status: int = 200
    answer: Callable[[Got], Any] | None = None
    pause: float = 0.0
    got: list[Got] = field(default_factory=list)

    def __enter__(self) -> WebReceiver:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                got = Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                receiver.got.append(got)
                time.sleep(receiver.pause)
                found = receiver.answer(got) if receiver.answer else receiver.status
                status, headers, text = found if isinstance(found, tuple) else (found, {}, b"ok")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def ids(self) -> list[str]:
        return [got.id for got in self.got]


@dataclass
class MailReceiver:
    """A small SMTP server. `refuse` holds recipients that it does not know (550)."""

    refuse: set[str] = field(default_factory=set)
    got: list[tuple[list[str], str]] = field(default_factory=list)

    def __enter__(self) -> MailReceiver:
        receiver = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.say("220 here")
                to: list[str] = []
                while line := self.rfile.readline().decode().strip():
                    word = line.split(" ")[0].upper()
                    if word == "QUIT":
                        return self.say("221 bye")
                    if word == "RCPT":
                        address = line[line.index("<") + 1 : line.index(">")]
                        if address in receiver.refuse:
                            self.say("550 5.1.1 no such user")
                            continue
                        to.append(address)
                    if word == "RSET":
                        to.clear()
                    if word != "DATA":
                        self.say("250 fine")
                        continue
                    self.say("354 go on")
                    lines = []
                    while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                        lines.append(line)
                    receiver.got.append((list(to), "\n".join(lines)))
                    to.clear()
                    self.say(f"250 2.0.0 queued as {len(receiver.got)}")
                return None

            def say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])
