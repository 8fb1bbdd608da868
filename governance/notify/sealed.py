"""Secrets and addresses at rest: sealed with a key derived from SECRET_KEY, which the database does not know."""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    def derived(key: str) -> Fernet:
        raw = HKDF(SHA256(), 32, salt=None, info=b"crm-ledger receivers").derive(key.encode())
        return Fernet(base64.urlsafe_b64encode(raw))

    return MultiFernet([derived(key) for key in keys])


def seal(text: str) -> str:
    return _mine().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """Empty when it was sealed under a key that is gone: the receiver then has to be set up anew."""
    try:
        return _mine().decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken:
        return ""


def _mine() -> MultiFernet:
    return _box((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
