"""Erasing personal data: one asks, another does it, and the record says who, why and which ids, never what."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.commands import erasing_people
from governance.models import Evidence
from governance.queries import personal
from governance.rules.personal import LEAST_TERM, REASONS, Found, patterns
from ledger.commands import idempotency
from ledger.commands.append import Draft, append, lock
from ledger.queries import private
from ledger.rules.actor import SYSTEM, Actor
from ledger.rules.problems import Fault, bad_input, conflict, forbidden, not_found
from ledger.transactions import command
from pipeline.models import Contact, Deal, Person
from pipeline.queries import seats

ASKING, DOING = ("admin", "steward"), ("admin", "steward", "executive")
_MODELS: dict[str, Any] = {"person": Person, "contact": Contact, "deal": Deal, "evidence": Evidence}


@dataclass(frozen=True, slots=True)
class Erased:
    """What one act took away, and rows that still hold a term, because nobody said what becomes of them."""

    name: str
    texts: int
    rows: int
    evidence: int
    left: Sequence[str]


@command
def request(subjects: Sequence[str], terms: Sequence[str], reason: str, *, by: Actor) -> str:
    """Asks for an erasure; writes `erasure.requested` and returns its name.

    `subjects` are `contact/12`, `person/3`, `deal/7` (all free texts of a deal) or `evidence/9` (a file that holds
    personal data, wherever the same file was given). `terms` are names, addresses and
    numbers under which others may have written of them: kept as an erasable text until it is done.
    """
    _may(by, ASKING, "Erasure is asked for by an administrator or a policy steward. [ERASE-ACT-1]")
    faults = [*_subject_faults(subjects), *_term_faults(terms)]
    if reason not in REASONS:
        faults.append(Fault("/reason", "ERASE-3", f"“{reason}” is no reason. Choose one of: {', '.join(REASONS)}."))
    if not subjects and not terms:
        faults.append(Fault("/subjects", "ERASE-4", "Name a subject, such as contact/12, or a term."))
    if faults:
        raise bad_input(faults)
    name = uuid.uuid4().hex
    body = {"subjects": list(subjects), "reason": reason, "terms": len(terms)}
    append(
        lock(f"erasure/{name}"),
        Draft("erasure.requested", body, private={"terms": "\n".join(terms)} if terms else {}),
        by=by,
    )
    return name


@command
def carry_out(name: str, *, by: Actor) -> Erased:
    """Does what another person asked for; writes `erasure.done` with the ids of what it took away.

    Refuses (403 `separation-of-duties`) whoever asked, (409 `erased-already`) a second time.
    """
    _may(by, DOING, "Erasure is carried out by an administrator, a steward or an executive. [ERASE-ACT-2]")
    chain = lock(f"erasure/{name}")
    said = private.erasure(chain.stream)
    if not said:
        raise not_found(f"Erasure {name[:40]}")
    _kind, asked, body = said[0]
    if len(said) > 1:
        raise conflict("erased-already", "It is done", "This erasure was carried out before. [ERASE-5]")
    if asked in by.people:
        raise forbidden(
            "Who asked for an erasure does not carry it out; another person does. [ERASE-SOD]", "separation-of-duties"
        )
    subjects: list[str] = list(body["subjects"])  # type: ignore[call-overload]
    terms = [term for text in private.texts(private.of_streams([chain.stream])) for term in text.split("\n")]
    found, wanted = _find(subjects, terms, chain.stream)
    append(chain, *(Draft("erasure.done", {**part, "reason": body["reason"]}) for part in found.parts()), by=by)
    left = _scrub(found, wanted)
    return Erased(name, len(found.values), len(found.rows) - len(left), len(found.evidence), left)


@command
def repeat(name: str, listed: Mapping[str, Any]) -> bool:
    """Erases again what the list of erasures names, after a restore; writes `erasure.repeated`.

    False when the record knows of it already. Run it before anybody works on the restored database: rows are named by
    number there.
    """
    chain = lock(f"erasure/{name}")
    body = {key: list(listed[key]) for key in ("subjects", "values", "rows", "evidence")}
    known = [said for kind, _actor, said in private.erasure(chain.stream) if kind != "erasure.requested"]
    if any(all(said.get(key) == value for key, value in body.items()) for said in known):
        return False
    found = Found(**body)
    wanted = patterns([*_names(found.subjects), *private.texts(found.values)])
    append(chain, Draft("erasure.repeated", {**body, "reason": str(listed["reason"])}), by=SYSTEM)
    _scrub(found, wanted)
    return True


def _find(subjects: list[str], terms: Sequence[str], stream: str) -> tuple[Found, list[str]]:
    """Everything that belongs to the subjects or speaks of them."""
    wanted = patterns({*terms, *_names(subjects)})
    streams = [stream, *(name for name in subjects if name.startswith("deal/"))]
    values = dict.fromkeys(private.of_streams(streams))
    found = Found(subjects)
    if wanted:
        values |= dict.fromkeys(private.mentioning(wanted))
        found.rows = personal.rows(wanted)
        found.evidence = personal.evidence(wanted)
    found.evidence = personal.with_copies([*found.evidence, *_numbers(subjects, "evidence")])
    found.values = list(values)
    # Answers to requests are no facts and are named by nothing that lasts: deleted without being listed.
    found.rows = [row for row in found.rows if not row.startswith("ledger_idempotency/")]
    return found, wanted + patterns(private.texts(found.values))


def _scrub(found: Found, wanted: Sequence[str]) -> list[str]:
    if wanted:
        idempotency.forget(wanted)
    left = erasing_people.rows(found.rows)
    erasing_people.subjects(found.subjects)
    return left + personal.people(wanted)


def _names(subjects: Sequence[str]) -> list[str]:
    """Names and addresses that the subjects have now."""
    found = []
    for name in subjects:
        kind, _, number = name.partition("/")
        if kind in ("person", "contact"):
            row = _MODELS[kind].objects.filter(pk=int(number)).values("name", "email").first() or {}
            found += [text for text in row.values() if text and not text.startswith("Erased ")]
    return found


def _numbers(subjects: Sequence[str], wanted: str) -> list[int]:
    parts = (name.partition("/") for name in subjects)
    return [int(number) for kind, _, number in parts if kind == wanted]


def _subject_faults(subjects: Sequence[str]) -> list[Fault]:
    faults = []
    for at, name in enumerate(subjects):
        kind, _, number = name.partition("/")
        model = _MODELS.get(kind)
        plain = number.isascii() and number.isdigit() and len(number) < 16
        if model is None or not plain or not model.objects.filter(pk=int(number)).exists():
            say = f"“{name[:60]}” is not here. Write contact/12, person/3, deal/7 or evidence/9."
            faults.append(Fault(f"/subjects/{at}", "ERASE-1", say))
        elif kind == "person" and seats.of_person(int(number)):
            say = f"{name} still holds a seat. End the seats first."
            faults.append(Fault(f"/subjects/{at}", "ERASE-6", say))
    return faults


def _term_faults(terms: Sequence[str]) -> list[Fault]:
    return [
        Fault(
            f"/terms/{at}", "ERASE-2", f"A term has {LEAST_TERM} to 200 characters in one line, or it finds too much."
        )
        for at, term in enumerate(terms)
        if not LEAST_TERM <= len(term.strip()) <= 200 or "\n" in term
    ]


def _may(by: Actor, roles: Sequence[str], sentence: str) -> None:
    if not any(seat.role in roles for seat in seats.of_person(by.person)):
        raise forbidden(sentence)
