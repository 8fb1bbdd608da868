"""A policy as frozen values: stages, gates, inputs and milestone templates. Published versions never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

RequirementKind = Literal["input", "milestone", "handshake", "capacity", "attestation", "approval", "condition"]
InputType = Literal["money", "date", "text", "integer", "decimal", "choice", "contact"]
TermUnit = Literal["months", "days"]
Mode = Literal["shift", "truncate"]
Profile = Literal["daily", "monthly", "milestones", "custom"]
Anchor = Literal["stage_entry", "expected_close", "delivery_start"]

LOST = "lost"
HISTORY = "history"  # imported claims that never passed a gate
BOOKED = "booked"
SIGNERS = ("sales", "operations", "finance")  # functions whose signature publishes a version


@dataclass(frozen=True, slots=True)
class Input:
    """A required human-entered field, with the decision that it serves."""

    key: str
    name: str
    type: InputType
    owner_function: str
    decides: str
    minimum: Decimal | None = None  # smallest number, or fewest characters of a text
    choices: tuple[str, ...] = ()
    fresh_days: int | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class MilestoneTemplate:
    """An obligation of one function, planned when a deal enters `planned_in`. Offsets are in calendar days."""

    key: str
    name: str
    owner_function: str
    planned_in: str
    anchor: Anchor
    offset_days: int
    lead_days: int
    evidence_minimum: int = 1
    evidence_kinds: tuple[str, ...] = ("file", "link", "reference", "number")
    binds: tuple[str, ...] = ()  # facts of the deal that the verification binds to
    tolerance: Mapping[str, Decimal] = field(default_factory=dict)  # fact → share of change that is still the same
    valid_days: int | None = None
    counts_late: bool = True
    blocks: bool = False  # delivery, and so revenue, does not start before it is verified
    float_days: int | None = None  # how far it may slip and move nothing; None: what lies between it and the start
    lag_days: int = 0  # from its verification to the first day of delivery


@dataclass(frozen=True, slots=True)
class DeliveryShare:
    """A part of the value that is earned at once: with a milestone, or some days after the start."""

    share: Decimal
    milestone: str = ""
    day: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the value of a deal turns into revenue over days."""

    term_input: str = "delivery_months"  # the input that says how long; `term_default` where it is not given
    term_unit: TermUnit = "months"
    term_default: int = 12
    mode: Mode = "shift"  # a late start moves the whole term, or the end stays and the rest is forgone
    profile: Profile = "daily"
    shares: tuple[DeliveryShare, ...] = ()  # of the profiles milestones and custom
    slip_days: int = 14  # what an overdue milestone is taken to need yet, while too few have slipped to know


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition of a gate. `applies_when` and `expression` are CEL over deal, lines, approvals and today."""

    key: str
    kind: RequirementKind
    sentence: str
    owner_function: str
    remedy: str
    applies_when: str = ""
    expression: str = ""  # kind condition
    message: str = ""  # kind condition: what is said when it is false
    function: str = ""  # kind attestation: who signs
    role: str = ""  # kind approval: who approves
    above_minor: int | None = None  # kind approval: only above this amount in the reporting currency


@dataclass(frozen=True, slots=True)
class Stage:
    """A place in the pipeline and the gate that leads into it."""

    key: str
    name: str
    gate: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One version. `stages` are in order; the last is the booked stage. `after_booking` names its milestones."""

    name: str
    version: int
    hash: str
    stages: tuple[Stage, ...]
    inputs: Mapping[str, Input]
    milestones: Mapping[str, MilestoneTemplate]
    loss_reasons: tuple[str, ...]
    booked_definition: str = ""
    thresholds: Mapping[str, Decimal] = field(default_factory=dict)
    delivery: Delivery = Delivery()

    @property
    def first_stage(self) -> Stage:
        return self.stages[0]

    def stage(self, key: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.key == key), None)

    def position(self, key: str) -> int | None:
        return next((at for at, stage in enumerate(self.stages) if stage.key == key), None)

    def next_stage(self, key: str) -> Stage | None:
        at = self.position(key)
        return self.stages[at + 1] if at is not None and at + 1 < len(self.stages) else None

    def is_handshake(self, key: str) -> bool:
        """Whether this milestone is offered by one function and accepted by another, instead of verified."""
        return any(rule.key == key and rule.kind == "handshake" for stage in self.stages for rule in stage.gate)

    def planned_in(self, stage: str) -> tuple[MilestoneTemplate, ...]:
        return tuple(template for template in self.milestones.values() if template.planned_in == stage)
