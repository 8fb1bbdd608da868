"""Takes names away from people, contacts and rows; the ids stay, so history still knows who, and nobody which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection

from governance.queries import personal
from governance.rules.personal import DELETE, NUMBERED, TREATMENTS
from ledger.transactions import step
from pipeline.models import ApiToken, Contact, Person


@step
def subjects(names: Iterable[str]) -> None:
    """`person/3` and `contact/12` lose name and e-mail; a person also every way to log in."""
    for name in names:
        kind, _, number = name.partition("/")
        if kind == "contact":
            Contact.objects.filter(pk=int(number)).update(name=f"Erased contact {number}", email="", job="")
        elif kind == "person":
            _person(int(number))


@step
def rows(found: Sequence[str]) -> list[str]:
    """Treats rows `table/key` as their table says; gives those back for which there is no treatment."""
    by_table: dict[str, list[str]] = {}
    for row in found:
        table, _, key = row.partition("/")
        by_table.setdefault(table, []).append(key)
    left = []
    names = {table.name: table.key for table in personal.tables()}
    for table, keys in by_table.items():
        treatment = TREATMENTS.get(table)
        if treatment is None:
            left += [f"{table}/{key}" for key in keys]
        elif treatment == DELETE:
            _run(f'DELETE FROM "{table}" WHERE "{names[table]}"::text = ANY (%s)', [keys])
        elif isinstance(treatment, dict):
            said = ", ".join(
                f'"{column}" = %s' + (" || id" if (table, column) in NUMBERED else "") for column in treatment
            )
            _run(f'UPDATE "{table}" SET {said} WHERE "{names[table]}"::text = ANY (%s)', [*treatment.values(), keys])
    return left


def _person(number: int) -> None:
    person = Person.objects.filter(pk=number).first()
    if person is None:
        return
    person.name, person.email, person.is_active = f"Erased person {number}", None, False
    person.set_unusable_password()
    person.save(update_fields=["name", "email", "is_active", "password"])
    ApiToken.objects.filter(person=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(number):
            session.delete()


def _run(statement: str, values: Sequence[str | list[str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
