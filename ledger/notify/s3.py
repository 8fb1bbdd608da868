"""Checkpoints to an S3-compatible store: one object each, never over another, locked where the bucket can."""

from __future__ import annotations

import base64
import hashlib
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

from django.conf import settings

from ledger.notify import sigv4
from ledger.notify.notice import Notice

_SECONDS = 5
_EXISTS = (409, 412)


class AnotherHead(Exception):
    """The store holds another checkpoint of this size: somebody has rewritten the record, or shares the bucket."""


def send(notice: Notice) -> None:
    """Puts the note under its size. What is there already stays; if it is another note, nothing is sent any more."""
    url, body = address(notice.size), notice.note.encode()
    now = datetime.now(UTC)
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "if-none-match": "*",
        "x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(body).digest()).decode(),
    }
    if settings.CHECKPOINT_S3_LOCK_DAYS:
        until = now + timedelta(days=settings.CHECKPOINT_S3_LOCK_DAYS)
        headers["x-amz-object-lock-mode"] = "COMPLIANCE"
        headers["x-amz-object-lock-retain-until-date"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        _ask("PUT", url, headers, body, now)
    except urllib.error.HTTPError as answer:
        if answer.code not in _EXISTS:
            raise
        if _ask("GET", url, {}, b"", now) != body:
            raise AnotherHead(f"{url} holds another checkpoint of {notice.size}") from None


def address(size: int) -> str:
    base = settings.CHECKPOINT_S3_URL.rstrip("/")
    if not base.startswith(("https://", "http://")):
        raise ValueError("CHECKPOINT_S3_URL is no web address")
    return f"{base}/{sigv4.path(settings.LEDGER_ORIGIN)}/{size:015d}.checkpoint"


def _ask(method: str, url: str, headers: dict[str, str], body: bytes, now: datetime) -> bytes:
    account = sigv4.Account(settings.CHECKPOINT_S3_KEY_ID, settings.CHECKPOINT_S3_SECRET, settings.CHECKPOINT_S3_REGION)
    signed = sigv4.signed(method, url, headers, body, account, now)
    # The operator's own setting, never a user's; `address` lets only HTTP through.
    request = urllib.request.Request(url, body or None, signed, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
        found: bytes = answer.read(64 * 1024)
    return found
