"""The shape of a policy document. Unknown keys, wrong types and unprintable text are refused.

What the linter judges (an owner, a decision, a lead time) may be empty here, so that a draft can be shown with
its errors. Lists of objects with a `key`, never maps by user-chosen key, so that a policy fits into an envelope.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pipeline.rules.policy import Anchor, InputType, Mode, Profile, RequirementKind, TermUnit

LARGEST = 2**53 - 1


def _printable(text: str) -> str:
    """NFC, without control characters and lone surrogates."""
    if any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t" for mark in text):
        raise ValueError("The text holds a control character or half a character pair. Remove it.")
    return unicodedata.normalize("NFC", text)


def _exact(value: Any) -> Any:
    """A decimal of at most 18 digits from a number or its text; booleans are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("A number is needed.")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except (InvalidOperation, ValueError):
        raise ValueError("A number is needed.") from None
    sane = number.is_finite() and len(number.as_tuple().digits) <= 18 and -12 <= number.adjusted() <= 17
    if not sane and number != 0:
        raise ValueError("A number of at most 18 digits is needed.")
    return Decimal(0) if number == 0 else number


Text = Annotated[str, AfterValidator(_printable)]
Short = Annotated[Text, Field(max_length=80)]
Long = Annotated[Text, Field(max_length=300)]
Key = Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$")]
KeyOrNone = Annotated[str, Field(max_length=40, pattern=r"^([a-z][a-z0-9]*([-_][a-z0-9]+)*)?$")]
Fact = Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]  # usable as deal.<fact>
Number = Annotated[Decimal, BeforeValidator(_exact)]
Share = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=0, le=3660)]
Expression = Annotated[Text, Field(max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class InputModel(_Strict):
    key: Fact
    name: Annotated[Short, Field(min_length=1)]
    type: InputType
    owner_function: KeyOrNone = ""
    decides: Long = ""
    minimum: Number | None = None
    choices: Annotated[list[Annotated[Short, Field(min_length=1)]], Field(max_length=50)] = []
    fresh_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    help: Long = ""


class ToleranceModel(_Strict):
    fact: Fact
    share: Share


class MilestoneModel(_Strict):
    key: Key
    name: Annotated[Short, Field(min_length=1)]
    owner_function: KeyOrNone = ""
    planned_in: Key
    anchor: Anchor = "stage_entry"
    offset_days: Annotated[int, Field(ge=-3660, le=3660)]
    lead_days: Days = 0
    evidence_minimum: Annotated[int, Field(ge=0, le=20)] = 1
    evidence_kinds: Annotated[list[Key], Field(max_length=10)] = ["file", "link", "reference", "number"]
    binds: Annotated[list[Fact], Field(max_length=20)] = []
    tolerance: Annotated[list[ToleranceModel], Field(max_length=20)] = []
    valid_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    counts_late: bool = True
    blocks: bool = False
    float_days: Days | None = None
    lag_days: Days = 0


class DeliveryShareModel(_Strict):
    share: Share
    milestone: KeyOrNone = ""
    day: Days = 0


class DeliveryModel(_Strict):
    term_input: Fact = "delivery_months"
    term_unit: TermUnit = "months"
    term_default: Annotated[int, Field(ge=1, le=3660)] = 12
    mode: Mode = "shift"
    profile: Profile = "daily"
    shares: Annotated[list[DeliveryShareModel], Field(max_length=60)] = []
    slip_days: Annotated[int, Field(ge=1, le=3660)] = 14


class RequirementModel(_Strict):
    key: Key
    kind: RequirementKind
    sentence: Long = ""
    owner_function: KeyOrNone = ""
    remedy: Long = ""
    applies_when: Expression = ""
    expression: Expression = ""
    message: Long = ""
    function: KeyOrNone = ""
    role: KeyOrNone = ""
    above_minor: Annotated[int, Field(ge=0, le=LARGEST)] | None = None


class StageModel(_Strict):
    key: Key
    name: Annotated[Short, Field(min_length=1)]
    gate: Annotated[list[RequirementModel], Field(max_length=40)] = []


class ThresholdModel(_Strict):
    key: Key
    value: Number


class PolicyModel(_Strict):
    name: Key
    stages: Annotated[list[StageModel], Field(min_length=2, max_length=12)]
    inputs: Annotated[list[InputModel], Field(max_length=40)]
    milestones: Annotated[list[MilestoneModel], Field(max_length=60)]
    loss_reasons: Annotated[list[Key], Field(min_length=1, max_length=40)]
    booked_definition: Annotated[Text, Field(max_length=2000)] = ""
    thresholds: Annotated[list[ThresholdModel], Field(max_length=40)] = []
    delivery: DeliveryModel = DeliveryModel()
