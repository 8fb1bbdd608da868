"""The five minutes of a visitor, ticked off by what the record says happened since the demo was built."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from crm_ledger.demo import state
from ledger.queries import entries
from pipeline.models import Person

# Whom a visitor can be with one press: e-mail before the @, and the word beside the first name.
PERSONAS = (
    ("rep.east", "sales"),
    ("ops.east", "operations"),
    ("finance", "finance"),
    ("cro", "executive"),
    ("manager.east", "sales manager"),
    ("rep.west", "sales, West"),
    ("cfo", "finance, executive"),
    ("steward", "policy"),
    ("auditor", "audit"),
    ("admin", "administration"),
)


@dataclass(frozen=True, slots=True)
class Persona:
    email: str
    name: str
    does: str

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Stop:
    label: str
    url: str
    done: bool
    proof: str = ""


def personas() -> list[Persona]:
    does = {f"{key}@demo.example": what for key, what in PERSONAS}
    names = dict(Person.objects.filter(email__in=does, is_active=True).values_list("email", "name"))
    return [Persona(email, names[email], what) for email, what in does.items() if email in names]


def stops() -> list[Stop]:
    """What to do, in order. The builder's own entries came through the shell and tick nothing."""
    waiting = state.waiting()
    if waiting is None:
        return []
    view = waiting[0].view
    deal = f"/deals/{view.ref}/"
    seen = {
        entry.kind: entry.id for entry in entries.timeline(f"deal/{view.id}", limit=200) if entry.channel != "shell"
    }
    attested, booked = seen.get("attestation.given"), seen.get("booking.recorded")
    return [
        _stop("See as Mara why Northwind cannot move: press Advance", deal, seen.get("gate.refused") or booked),
        _stop("Attest it as Esi: it books in the same moment", deal, attested),
        _stop("Watch booked change as Chloe, then go back one day", "/booked/", booked),
        _stop("Verify something as Ivo in the queue of operations", "/queue/", _by_ivo("milestone.verified")),
        _stop(
            "Answer an alert as Ivo: acknowledge it, then explain", "/alerts/?tab=mine", _by_ivo("alert.acknowledged")
        ),
    ]


def _stop(label: str, url: str, entry: int | None) -> Stop:
    return Stop(label, url, entry is not None, f"entry #{entry:,}" if entry else "")


def _by_ivo(kind: str) -> int | None:
    """The newest entry of this kind that the visitor wrote as Ivo."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(e.id) FROM ledger_entry e JOIN pipeline_person p ON p.id = e.actor"
            " WHERE e.kind = %s AND p.email = 'ops.east@demo.example'"
            " AND convert_from(e.envelope, 'UTF8')::jsonb ->> 'channel' <> 'shell'",
            [kind],
        )
        number: int | None = cursor.fetchone()[0]
    return number
