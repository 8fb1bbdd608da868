"""API tokens: made, shown once, kept as SHA-256, taken back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, not_found
from ledger.transactions import command
from pipeline.models import ApiToken, Person
from pipeline.queries.tokens import TokenRow, digest

PREFIX = "crm_"
LONGEST_DAYS = 365
SCOPES = (ApiToken.READ, ApiToken.WRITE)


@dataclass(frozen=True, slots=True)
class Issued:
    """`secret` is said here and never again."""

    row: TokenRow
    secret: str


@command
def issue(person: int, name: str, scope: str, days: int, *, by: Actor) -> Issued:
    """Makes a token that acts as `person` within its scope until it ends. People make their own; a shell, any."""
    faults = []
    if not 1 <= len(name.strip()) <= 100:
        faults.append(Fault("/name", "TOKEN-1", "A token has a name of 1 to 100 characters: what will use it?"))
    if scope not in SCOPES:
        faults.append(Fault("/scope", "TOKEN-2", f"“{scope}” is no scope. Choose read or write."))
    if not 1 <= days <= LONGEST_DAYS:
        faults.append(Fault("/days", "TOKEN-3", f"A token is good for 1 to {LONGEST_DAYS} days."))
    if faults:
        raise bad_input(faults)
    if by.channel != "shell" and by.person != person:
        raise not_found(f"Person {person}")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person_id=person,
        name=name.strip(),
        prefix=secret[:12],
        digest=digest(secret),
        scope=scope,
        expires_at=timezone.now() + timedelta(days=days),
    )
    row = TokenRow(token.pk, token.name, token.prefix, scope, token.created_at, token.expires_at, None, None)
    return Issued(row, secret)


def issue_for(email: str, *, by: Actor) -> Issued:
    """A write token of 90 days for whoever logs in with `email`."""
    person = Person.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise not_found(f"A person with the e-mail {email}")
    return issue(person.pk, "command line", ApiToken.WRITE, 90, by=by)


@command
def revoke(number: int, *, by: Actor) -> None:
    """Ends one of the actor's own tokens at once; the second time changes nothing."""
    token = ApiToken.objects.select_for_update().filter(pk=number, person_id=by.person).first()
    if token is None:
        raise not_found(f"Token {number}")
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])


def mark_used(number: int) -> None:
    """Notes the day of use, once a day, so that a forgotten token can be seen."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_apitoken SET last_used_on = current_date WHERE id = %s", [number])
