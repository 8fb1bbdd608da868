"""A small S3-compatible store: checks every signature from what arrives, keeps objects, refuses to overwrite."""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY_ID, SECRET, REGION = "tester", "not a secret/+", "eu-test-1"
_FORM = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+),"
                   r" Signature=([0-9a-f]{64})")  # fmt: skip


class Store(BaseHTTPRequestHandler):
    objects: dict[str, bytes]
    headers_of: dict[str, dict[str, str]]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if not self._is_signed(body):
            return self._answer(403, b"SignatureDoesNotMatch")
        if self.path in self.objects and self.headers.get("if-none-match") == "*":
            return self._answer(412, b"PreconditionFailed")
        self.objects[self.path] = body
        self.headers_of[self.path] = {name.lower(): value for name, value in self.headers.items()}
        return self._answer(200, b"")

    def do_GET(self) -> None:
        if not self._is_signed(b""):
            return self._answer(403, b"SignatureDoesNotMatch")
        found = self.objects.get(self.path)
        return self._answer(404, b"NoSuchKey") if found is None else self._answer(200, found)

    def _is_signed(self, body: bytes) -> bool:
        form = _FORM.fullmatch(self.headers.get("authorization", ""))
        if form is None or form[1] != KEY_ID or form[3] != REGION:
            return False
        digest = hashlib.sha256(body).hexdigest()
        lines = [f"{name}:{self.headers[name]}" for name in form[4].split(";")]
        request = "\n".join([self.command, self.path, "", *lines, "", form[4], digest])
        moment = self.headers["x-amz-date"]
        scope = f"{form[2]}/{REGION}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = ("AWS4" + SECRET).encode()
        for part in (form[2], REGION, "s3", "aws4_request", text):
            key = hmac.digest(key, part.encode(), "sha256")
        signed = {"host", "x-amz-date", "x-amz-content-sha256"} <= set(form[4].split(";"))
        return (
            signed and moment[:8] == form[2] and self.headers["x-amz-content-sha256"] == digest and key.hex() == form[5]
        )

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running() -> Iterator[tuple[str, type[Store]]]:
    """(address of a bucket, the store with its `objects`)"""
    kept = type("Kept", (Store,), {"objects": {}, "headers_of": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kept)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/bucket", kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
