"""What a channel is handed: everything it needs to send one message, read before the sending begins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parcel:
    """`message` stays the same however often it is sent; `attempt` counts. `to` is an address of the channel.

    `title` and `lines` (sentence, link) are for people; `body` is the JSON that a program gets. `secrets` sign it.
    """

    delivery: int
    message: str
    receiver: str
    turn: int
    attempt: int
    channel: str
    to: str
    title: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    secrets: tuple[str, ...] = ()
