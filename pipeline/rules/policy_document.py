"""A policy document and a Policy: read, with every fault and its path at once, and written back byte by byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from ledger.rules.problems import Fault
from pipeline.rules import policy_text, terms
from pipeline.rules.policy import Delivery, DeliveryShare, Input, MilestoneTemplate, Policy, Requirement, Stage
from pipeline.rules.policy_cross_checks import cross_faults
from pipeline.rules.policy_faults import LARGEST_BYTES, WRONG_VALUE, invalid, shape_faults, too_large
from pipeline.rules.policy_schema import (
    DeliveryModel,
    DeliveryShareModel,
    InputModel,
    MilestoneModel,
    PolicyModel,
    RequirementModel,
    StageModel,
)


def load(document: str | Mapping[str, Any], version: int = 0) -> Policy:
    """The Policy of a YAML text or of a parsed mapping, with its content hash.

    Raises Problem "policy-invalid" (422) with every fault at once; pointers are JSON pointers into the document,
    such as `/stages/1/gate/0/expression`. Aliases, duplicate keys and more than 24 KiB are refused.
    """
    faults: list[Fault] = []
    raw = policy_text.read(document, faults) if isinstance(document, str) else policy_text.sized(document, faults)
    if not isinstance(raw, Mapping):
        if not faults:
            faults.append(Fault("", WRONG_VALUE, "This is not a policy: keys such as name and stages are needed."))
        raise invalid(faults)
    model: PolicyModel | None = None
    try:
        model = PolicyModel.model_validate(dict(raw))
    except ValidationError as error:
        faults += shape_faults(error)
    known = {fault.pointer for fault in faults}
    faults += [fault for fault in cross_faults(raw) if fault.pointer not in known]
    if model is None or faults:
        raise invalid(faults)
    policy = _policy(model, version)
    if len(_bytes(canonical(policy))) > LARGEST_BYTES:
        raise invalid([too_large()])
    return policy


def canonical(policy: Policy | Mapping[str, Any]) -> dict[str, Any]:
    """The JSON-safe form that is hashed, signed and kept: no floats, decimals as strings, defaults left out.

    Five levels deep; object keys are fixed words of [a-z_]. A mapping is loaded first and may raise as `load` does.
    """
    if not isinstance(policy, Policy):
        policy = load(policy)
    return {
        "name": policy.name,
        "stages": [
            {"key": stage.key, "name": stage.name, "gate": [_lean(RequirementModel, rule) for rule in stage.gate]}
            for stage in policy.stages
        ],
        "inputs": [_lean(InputModel, field) for field in policy.inputs.values()],
        "milestones": [_lean(MilestoneModel, template) for template in policy.milestones.values()],
        "loss_reasons": list(policy.loss_reasons),
        "booked_definition": policy.booked_definition,
        "thresholds": [{"key": key, "value": terms.decimal_text(value)} for key, value in policy.thresholds.items()],
        **({"delivery": _lean(DeliveryModel, policy.delivery)} if policy.delivery != Delivery() else {}),
    }


def from_canonical(form: Mapping[str, Any], version: int) -> Policy:
    """The Policy of a canonical form: the inverse of `canonical`. Raises Problem when it has another shape.

    What was published once is not judged again by today's cross checks, so that old versions stay readable.
    """
    try:
        return _policy(PolicyModel.model_validate(dict(form)), version)
    except ValidationError as error:
        raise invalid(shape_faults(error)) from None


def text(form: Mapping[str, Any]) -> str:
    """A canonical form as YAML that people edit; reading it again gives the same form."""
    written: str = yaml.safe_dump(dict(form), sort_keys=False, allow_unicode=True, width=110)
    return written


def content_hash(form: Mapping[str, Any]) -> str:
    """Sha256, 64 hex digits, of a canonical form."""
    return sha256(_bytes(form)).hexdigest()


# From model to policy and back


def _policy(model: PolicyModel, version: int) -> Policy:
    bare = Policy(
        name=model.name,
        version=version,
        hash="",
        stages=tuple(_stage(stage) for stage in model.stages),
        inputs={field.key: Input(**{**dict(field), "choices": tuple(field.choices)}) for field in model.inputs},
        milestones={template.key: _milestone(template) for template in model.milestones},
        loss_reasons=tuple(model.loss_reasons),
        booked_definition=model.booked_definition,
        thresholds={threshold.key: threshold.value for threshold in model.thresholds},
        delivery=_delivery(model.delivery),
    )
    values = {name: getattr(bare, name) for name in Policy.__slots__}
    return Policy(**{**values, "hash": content_hash(canonical(bare))})


def _delivery(model: DeliveryModel) -> Delivery:
    return Delivery(**{**dict(model), "shares": tuple(DeliveryShare(**dict(part)) for part in model.shares)})


def _stage(model: StageModel) -> Stage:
    return Stage(model.key, model.name, tuple(Requirement(**dict(rule)) for rule in model.gate))


def _milestone(model: MilestoneModel) -> MilestoneTemplate:
    values = dict(model) | {
        "evidence_kinds": tuple(model.evidence_kinds),
        "binds": tuple(model.binds),
        "tolerance": {item.fact: item.share for item in model.tolerance},
    }
    return MilestoneTemplate(**values)


def _lean(model: type[BaseModel], value: Any) -> dict[str, Any]:
    """The fields of a frozen value that differ from their default, in JSON-safe form."""
    form: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        item = getattr(value, name)
        if name == "tolerance":
            item = [{"fact": fact, "share": share} for fact, share in item.items()]
        if name == "shares":
            item = [_lean(DeliveryShareModel, part) for part in item]
        item = list(item) if isinstance(item, tuple) else item
        if field.is_required() or item != field.default:
            form[name] = terms.plain(item)
    return form


def _bytes(form: Mapping[str, Any]) -> bytes:
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")
