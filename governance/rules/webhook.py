"""Standard Webhooks: how a message is signed, and what a secret looks like."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300


def secret_of(key: bytes) -> str:
    """24 to 64 random bytes as the person who receives them keeps them."""
    return PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of id, moment and body."""
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def headers(secrets: Iterable[str], message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers; during a rotation one signature for each secret."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message, timestamp, body) for secret in secrets),
    }


def is_genuine(secret: str, given: dict[str, str], body: bytes, now: int) -> bool:
    """What a receiver checks: any of the signatures fits, and the message is at most five minutes away."""
    try:
        timestamp = int(given["webhook-timestamp"])
        expected = signature(secret, given["webhook-id"], timestamp, body).encode()
    except (KeyError, ValueError, binascii.Error):
        return False
    fits = [hmac.compare_digest(expected, one.encode()) for one in given.get("webhook-signature", "").split(" ")]
    return any(fits) and abs(now - timestamp) <= TOLERANCE_SECONDS
