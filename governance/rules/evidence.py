"""What may be evidence: size and type are checked against the bytes, not against the name."""

from __future__ import annotations

import hashlib
from math import isfinite
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ledger.rules.problems import Fault

MOST_BYTES = 20 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Ending → (content type, first bytes). Empty first bytes: must be text.
TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (_ZIP,)),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (_ZIP,)),
    ".doc": ("application/msword", (_OLE,)),
    ".xls": ("application/vnd.ms-excel", (_OLE,)),
    ".eml": ("message/rfc822", ()),
    ".txt": ("text/plain", ()),
    ".csv": ("text/csv", ()),
}


def file_fault(name: str, size: int, head: bytes) -> Fault | None:
    """Why this file is no evidence; None when it is. `head` is its first 8 KiB."""
    ending = PurePosixPath(name.lower()).suffix
    if ending not in TYPES:
        known = ", ".join(sorted(TYPES))
        return Fault("/file", "EVIDENCE-1", f"“{name}” is of no kind that is kept. Send one of: {known}.")
    if size == 0:
        return Fault("/file", "EVIDENCE-2", f"“{name}” is empty. Choose the file again.")
    if size > MOST_BYTES:
        return Fault("/file", "EVIDENCE-3", f"“{name}” is larger than 20 MiB. Send the pages that prove it.")
    starts = TYPES[ending][1]
    if starts and not head.startswith(starts):
        return Fault(
            "/file", "EVIDENCE-4", f"“{name}” is not what its name says. Save it as {ending} and send it again."
        )
    if not starts and (b"\x00" in head or not _is_text(head)):
        return Fault("/file", "EVIDENCE-4", f"“{name}” is not text, as {ending} is. Save it as UTF-8 text.")
    return None


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 4  # a character cut at the end of the sample
    return True


def value_fault(kind: str, value: str) -> Fault | None:
    """Why this link, reference or number is no evidence."""
    if kind not in ("link", "reference", "number"):
        return Fault("/kind", "EVIDENCE-5", f"“{kind}” is no kind of evidence: file, link, reference or number.")
    if not 1 <= len(value) <= 2000:
        return Fault("/value", "EVIDENCE-6", "Evidence has 1 to 2,000 characters.")
    if kind == "link" and not _is_web_address(value):
        return Fault("/value", "EVIDENCE-7", f"“{value}” is not a web address. Begin with https://.")
    if kind == "number" and not _is_number(value):
        return Fault("/value", "EVIDENCE-8", f"“{value}” is not a number.")
    return None


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:  # half an IPv6 address
        return False


def _is_number(value: str) -> bool:
    try:
        return isfinite(float(value.replace(",", "")))
    except ValueError:
        return False


def digest(kind: str, value: str) -> str:
    """The fingerprint of evidence that is no file: SHA-256 over its kind and value, 64 hex digits."""
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()
