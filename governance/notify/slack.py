"""Messages to an incoming webhook that speaks Slack's language: Slack, Mattermost, Rocket.Chat and others."""

from __future__ import annotations

import json

from governance.notify import webhook
from governance.rules.parcel import Parcel
from governance.rules.retrying import Outcome

_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def send(parcel: Parcel) -> Outcome:
    return webhook.call(parcel.to, json.dumps({"text": text(parcel)}).encode(), {"webhook-id": parcel.message})


def text(parcel: Parcel) -> str:
    """The title in bold, then a line for each sentence; what people wrote cannot become a link or a mention."""
    lines = [f"• <{link}|{_plain(sentence)}>" if link else f"• {_plain(sentence)}" for sentence, link in parcel.lines]
    return "\n".join([f"*{_plain(parcel.title)}*", *lines])


def _plain(said: str) -> str:
    return " ".join(said.translate(_SIGNS).replace("|", "¦").split())
