"""Addresses of pages by their names, put together once: a page names a dozen of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.urls import reverse as _reverse


def reverse(name: str, args: Sequence[object] = ()) -> str:
    """As Django's, for plain arguments."""
    return _known(name, *args)


@lru_cache(maxsize=5_000)
def _known(name: str, *args: object) -> str:
    return _reverse(name, args=args)
