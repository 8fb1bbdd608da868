"""The demo's mail server: a table, read on the page of sent mail. Nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

_KEEP = """
INSERT INTO governance_sentmail (recipient, subject, body, headers, at)
SELECT lower(recipient), %s, %s, jsonb_build_object('Message-ID', %s::text), ledger_now()
FROM unnest(%s::text[]) AS given (recipient)
"""


class EmailBackend(BaseEmailBackend):
    answer = (250, "kept on the page of sent mail")

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with connection.cursor() as cursor:
            for mail in email_messages:
                name: Any = mail.extra_headers.get("Message-ID", "")
                cursor.execute(_KEEP, [mail.subject[:500], str(mail.body), name, mail.recipients()])
        return len(email_messages)
