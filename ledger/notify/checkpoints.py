"""Where checkpoints go so that nobody inside can take them back: files, a webhook, an S3-compatible store, mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.mail import send_mail

from ledger.notify import kept_file, s3, webhook
from ledger.notify.kept_file import FILE, KEYS
from ledger.notify.notice import Notice

__all__ = ["FILE", "KEYS", "Channel", "Notice", "channels", "folders", "remember_key"]


class Channel(NamedTuple):
    """`pause`: a checkpoint proves all before it, so a channel that disturbs people gets only some."""

    send: Callable[[Notice], None]
    pause: timedelta = timedelta(0)


def folders() -> list[Path]:
    """Where checkpoints are kept as files: the folder, and the mirror where one is set."""
    return [Path(folder) for folder in (settings.CHECKPOINT_DIR, settings.CHECKPOINT_MIRROR_DIR) if folder]


def remember_key(text: str) -> None:
    """Pins a public key wherever checkpoints are kept as files."""
    for folder in folders():
        kept_file.remember_key(text, folder)


def to_mail(notice: Notice) -> None:
    send_mail(f"Checkpoint {notice.size} of the record", notice.note, None, settings.CHECKPOINT_MAIL)


def channels() -> Mapping[str, Channel]:
    """Name → channel, of those that are set."""
    names = ("file", "mirror")
    found = {name: Channel(partial(kept_file.write, folder=folder))
             for name, folder in zip(names, folders(), strict=False)}  # fmt: skip
    if settings.CHECKPOINT_WEBHOOK_URL:
        found["webhook"] = Channel(webhook.send)
    if settings.CHECKPOINT_S3_URL:
        found["s3"] = Channel(s3.send)
    if settings.CHECKPOINT_MAIL:
        found["mail"] = Channel(to_mail, timedelta(hours=settings.CHECKPOINT_MAIL_HOURS))
    return found
