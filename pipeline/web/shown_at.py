"""When a form was shown, signed into it: from there to its sending is the time that its inputs took."""

from __future__ import annotations

import time

from django import forms
from django.core import signing
from django.http import HttpRequest

from pipeline.commands import input_times
from pipeline.rules.policy import Policy

LEAST, MOST = 2, 30 * 60  # seconds: what is faster was not typed, what is longer lay open
_SIGNER = signing.TimestampSigner(salt="pipeline.form-shown")


def mark(request: HttpRequest) -> str:
    """For the hidden field `shown`. A form that comes back with faults keeps the moment at which it was shown first."""
    said = request.POST.get("shown", "")
    return said if _age(said) is not None else _SIGNER.sign("form")


def keep(request: HttpRequest, form: forms.Form, policy: Policy) -> None:
    """Shares the time of a form that was sent among the fields that were filled in, and keeps it for the inputs."""
    age = _age(request.POST.get("shown", ""))
    typed = [name for name in form.fields if _text(form.data.get(name)) != _text(form.initial.get(name))]
    lines = [name for name, value in request.POST.items() if name.startswith("lines-") and value]
    if age is not None and typed and age >= LEAST:
        input_times.keep([name for name in typed if name in policy.inputs], round(age / len([*typed, *lines])))


def _age(said: str) -> float | None:
    """Seconds since it was signed; None of what is not ours, or lay open for longer than anybody types."""
    try:
        _SIGNER.unsign(said, max_age=MOST)
        return time.time() - signing.b62_decode(said.rsplit(":", 2)[1])
    except signing.BadSignature:
        return None


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
