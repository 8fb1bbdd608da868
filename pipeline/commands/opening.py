"""Opens deals: one from a person, or thousands from a file, through the same rules."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ledger.commands.append import Draft, Prepared, append_many, prepare, write
from ledger.queries import periods, prepared
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.envelope import ZERO_HASH
from ledger.rules.postings import UNVERIFIED
from ledger.rules.problems import Fault, bad_input
from ledger.transactions import command, step
from pipeline import permissions
from pipeline.queries import beginning, deals, policies, rates, references, seats
from pipeline.queries.organisation import Company
from pipeline.rules import given, names, terms, value
from pipeline.rules.deal import DealView
from pipeline.rules.policy import HISTORY, Policy
from pipeline.rules.seats import SeatView


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of a deal before it has a number. `history` marks an imported claim that never counts."""

    title: str
    view: DealView
    description: str = ""
    source: str = ""
    source_ref: str = ""
    source_hash: str = ""
    effective: datetime | None = None
    history: bool = False
    claim: Mapping[str, Any] = field(default_factory=dict)
    ahead: str | None = None  # what was asked ahead for who reacts to it


@dataclass(frozen=True, slots=True)
class Opened:
    """A deal that was just opened, with the words that were read for it."""

    view: DealView
    account_name: str | None
    reporting: str


def open_deal(
    title: str,
    stated: Mapping[str, Any],
    *,
    by: Actor,
    description: str = "",
    owner: int | None = None,
) -> DealView:
    """The same as `open_and_tell`, for who wants only the deal."""
    return open_and_tell(title, stated, by=by, description=description, owner=owner).view


@command
def open_and_tell(
    title: str,
    stated: Mapping[str, Any],
    *,
    by: Actor,
    description: str = "",
    owner: int | None = None,
) -> Opened:
    """Opens a deal in the first stage of the policy in force; writes `deal.opened`.

    `stated` are the fields of `given.parse`. The owner is the actor's sales seat, or `owner`, a sales seat of
    a unit that the actor manages. Raises Problem with every fault at once; writes nothing then.
    """
    begun = beginning.ask(stated, by.person)
    read, parsed, there = begun.read, begun.parsed, begun.there
    now, company = read.now, read.company
    permissions.check_can_open(read.seats)
    seat = _owner_seat(read.seats, owner)
    policy = policies.published(read.policy)
    faults = list(parsed.faults)
    if not names.plain(title) or len(title) > 200:
        faults.insert(0, Fault("/title", "DEAL-TITLE-1", "A deal has a title of 1 to 200 characters."))
    view = DealView(
        id=0, ref="", stage=policy.first_stage.key, version=0, unit=str(seat.unit), owner=seat.id,
        owner_person=by.person if owner is None else 0, policy_version=policy.version, **parsed.values,
        inputs=parsed.inputs, input_at=parsed.at(now),
    )  # fmt: skip
    faults += given.order_faults(view) + references.faults(view, policy, parsed.inputs, there)
    if faults:
        raise bad_input(faults)
    view = references.with_names(view, there)
    rate = rates.known(view.currency or company.currency, company.currency, company.day_of(now))
    view = value.in_pipeline(value.priced(view, rate, company.currency))
    opening = Opening(names.plain(title), view, description, ahead=begun.ahead)
    (opened,) = open_many([opening], policy, company, now, by=by)
    return Opened(opened, there.account, company.currency)


@step
def open_many(
    openings: Sequence[Opening], policy: Policy, company: Company, now: datetime, *, by: Actor
) -> list[DealView]:
    """Opens prepared deals in three statements, whatever their number; each entry stands in its own stream.

    Returns them as they are then: at version 1, unless a reaction has written more.
    """
    batch, views = _drafted(_insert_deals(openings), openings, policy, company, now)
    append_many(batch, by=by)
    return [
        view if chain.version == 1 else replace(view, version=chain.version)
        for view, (chain, _) in zip(views, batch, strict=True)
    ]


@step
def open_in_turn(batches: Iterable[Sequence[Opening]], policy: Policy, company: Company, *, by: Actor) -> None:
    """Opens batch after batch, each at a moment of its own. While the database writes one, a second thread puts the
    next into bytes; it asks nothing of the database."""
    closed = periods.closed()

    def entries(numbers: list[int], openings: Sequence[Opening], now: datetime) -> Prepared:
        return prepare(_drafted(numbers, openings, policy, company, now)[0], closed, by=by)

    with ThreadPoolExecutor(1) as beside:
        ahead: Future[Prepared] | None = None
        for openings in batches:
            following = beside.submit(entries, _insert_deals(openings), openings, seats.now())
            if ahead is not None:
                write(ahead.result(), by=by)
            ahead = following
        if ahead is not None:
            write(ahead.result(), by=by)


def _drafted(
    numbers: Sequence[int], openings: Sequence[Opening], policy: Policy, company: Company, now: datetime
) -> tuple[list[tuple[Chain, list[Draft]]], list[DealView]]:
    batch, views = [], []
    for number, opening in zip(numbers, openings, strict=True):
        view = _with_private(opening.view, policy)
        # One copy: the fingerprint asks for nothing that changes with it.
        stands = value.standing(view, UNVERIFIED, view.close_on) if opening.history else (view.place, view.period)
        view = replace(
            view, id=number, ref=deals.ref_of(number), version=1, stage=HISTORY if opening.history else view.stage,
            place=stands[0], period=stands[1], terms=terms.fingerprint(view), stage_entered_at=now,
        )  # fmt: skip
        body: dict[str, Any] = {"after": view.after()}
        if opening.claim:
            body["claim"] = dict(opening.claim)
        draft = Draft(
            "deal.imported" if opening.history else "deal.opened",
            body,
            postings=value.postings(None, view, "new", company.currency, revalued="new"),
            effective=opening.effective,
            private={key: (view.private[key], str(view.inputs[key])) for key in view.private},
            policy=policy.version,
            ahead=opening.ahead,
        )
        batch.append((Chain(f"deal/{number}", 0, ZERO_HASH, None, now), [draft]))
        views.append(view)
    return batch, views


def _insert_deals(openings: Sequence[Opening]) -> list[int]:
    rows = prepared.rows(
        "INSERT INTO pipeline_deal (title, description, source, source_ref, source_hash, created_at)"
        " SELECT t, d, s, r, h, ledger_now()"
        " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
        " WITH ORDINALITY AS given (t, d, s, r, h, place) ORDER BY place RETURNING id",
        [
            [opening.title for opening in openings],
            [opening.description for opening in openings],
            [opening.source for opening in openings],
            [opening.source_ref for opening in openings],
            [opening.source_hash for opening in openings],
        ],
    )
    return sorted(row[0] for row in rows)


def _owner_seat(held: tuple[SeatView, ...], owner: int | None) -> SeatView:
    if owner is None:
        seat = permissions.sales_seat(held)
        if seat is None:
            raise bad_input([Fault("/owner", "DEAL-OWNER-1", "Name the sales seat that owns the deal.")])
        return seat
    seat = references.seat(owner)
    if seat is None or seat.function != "sales" or seat.unit is None:
        raise bad_input([Fault("/owner", "DEAL-OWNER-2", f"Seat {owner} is no open sales seat of a unit.")])
    if seat.id not in {mine.id for mine in held} and not permissions.manages(held, seat.unit):
        raise bad_input([Fault("/owner", "DEAL-OWNER-3", "You open deals for yourself, or for the unit you manage.")])
    return seat


def _with_private(view: DealView, policy: Policy) -> DealView:
    """Free text may be personal: it stays erasable, outside the hashed bytes."""
    fresh = {
        key: str(uuid.uuid4())
        for key, text in view.inputs.items()
        if text and key not in view.private and policy.inputs[key].type == "text"
    }
    return replace(view, private={**view.private, **fresh}) if fresh else view
