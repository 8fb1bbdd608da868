"""A person shares what they foretold with their coach; whoever else looks says why, and it is on record."""

from __future__ import annotations

from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, forbidden, not_found
from ledger.transactions import command
from pipeline.queries import seats
from reporting.queries import sharing
from reporting.rules import sharing as rules


@command
def share(coach: int, *, by: Actor) -> None:
    """Writes `sharing.given`; the coach is a direct manager."""
    if coach not in [person for person, _name in sharing.managers(by.person)]:
        raise bad_input([Fault("/coach", "SHARE-6", "Choose your direct manager.")])
    append(lock(f"sharing/{by.person}"), Draft("sharing.given", {"coach": coach}), by=by)


@command
def end(*, by: Actor) -> None:
    """Writes `sharing.ended`; nothing when nobody sees it."""
    chain = lock(f"sharing/{by.person}")
    if sharing.of_person(by.person).coach is not None:
        append(chain, Draft("sharing.ended"), by=by)


@command
def look(person: int, purpose: str, about: str, *, by: Actor) -> None:
    """Writes `sharing.looked` before anything is shown. Without a purpose that stands, 404: what is foreign does not
    exist; a purpose that only lacks its context note says so."""
    chain = lock(f"sharing/{person}")
    held = seats.of_person(by.person)
    alert = purpose == "alert" and sharing.alert_is_open(person, about)
    said = rules.looking(person, by.person, held, purpose, sharing.of_person(person), alert=alert)
    if "[SHARE-4]" in said:
        raise forbidden(said, "context-note-missing")
    if said or by.person == person:
        raise not_found(f"Forecast {person}")
    append(chain, Draft("sharing.looked", {"purpose": purpose, "about": about[:40]}), by=by)


@command
def note(person: int, text: str, *, by: Actor) -> None:
    """The direct manager says in which context figures of one person stand; writes `sharing.noted`."""
    if by.person not in [manager for manager, _name in sharing.managers(person)]:
        raise not_found(f"Forecast {person}")
    if not 3 <= len(text.strip()) <= 2000:
        raise bad_input([Fault("/note", "SHARE-7", "Say in 3 to 2,000 characters what explains the figures.")])
    append(lock(f"sharing/{person}"), Draft("sharing.noted", private={"note": text.strip()}), by=by)
