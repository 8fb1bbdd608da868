"""E-mail by the configured server, with the same Message-ID however often it is sent."""

from __future__ import annotations

import hashlib
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp
from django.utils.translation import gettext as _

from governance.rules.parcel import Parcel
from governance.rules.retrying import Outcome


def send(parcel: Parcel) -> Outcome:
    message = compose(parcel)
    digest = hashlib.sha256(message.body.encode()).hexdigest()
    try:
        with get_connection() as server:
            server.send_messages([message])
            status, said = getattr(server, "answer", (None, ""))
    except smtplib.SMTPRecipientsRefused as fault:
        status, reason = next(iter(fault.recipients.values()))
        return _refused(status, reason, digest)
    except smtplib.SMTPResponseException as fault:
        return _refused(fault.smtp_code, fault.smtp_error, digest)
    except (OSError, smtplib.SMTPException) as fault:
        said = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
        return Outcome("trouble", detail=f"No answer from the mail server: {said}"[:300], digest=digest)
    return Outcome("delivered", status, said[:300], digest=digest)


def compose(parcel: Parcel) -> EmailMessage:
    lines = [f"{sentence}\n{link}\n" for sentence, link in parcel.lines]
    foot = _("How you hear of things: %(url)s") % {"url": f"{settings.PUBLIC_URL}/notifications/"}
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    return EmailMessage(
        subject=" ".join(parcel.title.split())[:200],
        body="\n".join([*lines, "-- ", foot, ""]),
        to=[parcel.to],
        headers={"Message-ID": f"<{parcel.message}@{domain}>", "Auto-Submitted": "auto-generated"},
    )


def _refused(status: int, reason: bytes | str, digest: str) -> Outcome:
    """4xx of a mail server means later; 5xx that this message is not taken, by this or any try."""
    said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return Outcome("hopeless" if status >= 500 else "trouble", status, " ".join(said.split())[:300], digest=digest)


class _Remembering:
    """Keeps what the server said to the message itself: `250 2.0.0 queued as 4Xk…` is proof that it took it over."""

    backend: EmailBackend

    def data(self, message: Any) -> tuple[int, bytes]:
        code, said = super().data(message)  # type: ignore[misc]
        self.backend.answer = (code, said.decode("utf-8", "replace"))
        return code, said


class EmailBackend(smtp.EmailBackend):
    """Django's own SMTP, which also remembers the server's answer in `answer`."""

    answer: tuple[int | None, str] = (None, "")

    @property
    def connection_class(self) -> Any:
        return type("Remembering", (_Remembering, super().connection_class), {"backend": self})
