"""AWS Signature Version 4, as every S3-compatible store asks for it. Pure: the moment comes in."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


class Account(NamedTuple):
    key_id: str
    secret: str
    region: str
    service: str = "s3"


def signed(
    method: str, url: str, headers: Mapping[str, str], body: bytes, account: Account, now: datetime
) -> dict[str, str]:
    """The headers with `host`, `x-amz-date`, `x-amz-content-sha256` and `Authorization`; all of them are signed.

    The path of the address is already quoted; S3 asks for it as it stands. Queries are not used here.
    """
    where, day = urlsplit(url), now.strftime("%Y%m%d")
    digest = hashlib.sha256(body).hexdigest()
    known = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    known |= {"host": where.netloc, "x-amz-content-sha256": digest, "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ")}
    names = ";".join(sorted(known))
    canonical = "\n".join(
        (
            method,
            where.path or "/",
            where.query,
            *(f"{name}:{known[name]}" for name in sorted(known)),
            "",
            names,
            digest,
        )
    )
    scope = f"{day}/{account.region}/{account.service}/aws4_request"
    text = "\n".join((_ALGORITHM, known["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{account.secret}".encode()
    for part in (day, account.region, account.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = f"{account.key_id}/{scope}"
    authorization = f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return {**known, "authorization": authorization}


def path(text: str) -> str:
    """A path as S3 quotes it."""
    return quote(text, safe="/-_.~")
