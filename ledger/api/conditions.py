"""Entity tags: what the caller has seen, and whether it still is so (RFC 9110, 13)."""

from __future__ import annotations

import re

from rest_framework.request import Request

from ledger.rules.problems import Problem

_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_LIST = re.compile(rf"\s*{_TAG}(?:\s*,\s*{_TAG})*\s*\Z")
_VERSION = re.compile(r'"(\d{1,9})"')


def tag(version: int) -> str:
    return f'"{version}"'


def expected(request: Request) -> int | None:
    """The version that the caller acts on; None for `*`, 0 (never a version) for a tag that is not ours.

    A weak tag counts as its strong form: a proxy that compresses weakens it, and a version is no byte sequence.
    Of several tags the newest counts, since a caller cannot have seen a version that is not there yet.
    """
    given = request.headers.get("If-Match")
    if given is None:
        raise Problem(
            "precondition-required",
            428,
            "Say which version you act on",
            'Send If-Match with the ETag of the deal that you have read, such as If-Match: "7".',
        )
    versions = _versions(given, "If-Match")
    return None if versions is None else max(versions, default=0)


def is_known(request: Request, version: int) -> bool:
    """Whether the caller has this version already (If-None-Match), so that 304 says enough."""
    given = request.headers.get("If-None-Match")
    if given is None:
        return False
    versions = _versions(given, "If-None-Match")
    return versions is None or version in versions


def _versions(given: str, name: str) -> list[int] | None:
    if given.strip() == "*":
        return None
    if not _LIST.match(given):
        raise Problem("malformed-condition", 400, f"{name} cannot be read", f'{name} holds tags such as "7", or *.')
    return [int(version) for version in _VERSION.findall(given)]
