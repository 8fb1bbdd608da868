"""Signed webhooks after Standard Webhooks, and what every call outward makes of an answer."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta

from governance.notify import outward, sealed
from governance.rules import retrying
from governance.rules.addresses import Refused
from governance.rules.parcel import Parcel
from governance.rules.retrying import Outcome
from governance.rules.webhook import headers

LOST = "Its secret was sealed under a key that is gone; set it up anew."


def send(parcel: Parcel) -> Outcome:
    secrets = [sealed.unseal(secret) for secret in parcel.secrets]
    if not all(secrets):
        return Outcome("hopeless", detail=LOST)
    signed = headers(secrets, parcel.message, int(time.time()), parcel.body)
    return call(parcel.to, parcel.body, signed)


def call(address: str, body: bytes, more: dict[str, str]) -> Outcome:
    """Posts JSON to a sealed address and judges the answer. One inside the house is hopeless: its owner is told."""
    digest = hashlib.sha256(body).hexdigest()
    url = sealed.unseal(address)
    if not url:
        return Outcome("hopeless", detail=LOST, digest=digest)
    named = {"Content-Type": "application/json", "User-Agent": "crm-ledger-webhooks/1", **more}
    try:
        answer = outward.post(url, body, named)
    except Refused as refusal:
        return Outcome("hopeless", detail=str(refusal), digest=digest)
    except outward.NoAnswer as fault:
        return Outcome("trouble", detail=str(fault), digest=digest)
    said = " ".join(answer.text.split())[:300]
    if 300 <= answer.status < 400:
        said = "It leads elsewhere; redirects are not followed."
    return Outcome(retrying.of_http(answer.status), answer.status, said, wait=_wait(answer.retry_after), digest=digest)


def _wait(said: str) -> timedelta | None:
    """Retry-After in seconds; dates are left to our own pauses."""
    return timedelta(seconds=int(said)) if said.isascii() and said.isdigit() and len(said) < 7 else None
