"""The small forms of return, lose, re-open and assign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from ledger.rules.problems import Fault, Problem, bad_input
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.web import fields


class ClosingForm(fields.Asked):
    words: dict[str, str] = {}

    def said(self, name: str) -> str:
        return str(self.data.get(name, "")).strip()

    def day(self, name: str) -> date | None:
        """A day that was given; raises Problem for what is none."""
        text = self.said(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            say = f"“{text[:40]}” is no day. Write it as 2026-11-30, or leave it empty for today."
            raise bad_input([Fault(f"/{name}", "DATE-1", say)]) from None

    def blame(self, problem: Problem) -> None:
        fields.blame(self, problem.faults or [Fault("", problem.slug.upper(), problem.detail)])


def form_of(
    act: str, policy: Policy, view: DealView, seats: list[tuple[int, str, str]], units: Mapping[str, str], data: Any
) -> ClosingForm:
    form = ClosingForm(data)
    form.words = _words(act)
    if act == "return":
        before = policy.stages[: policy.position(view.stage) or 0]
        form.fields["to"] = _choice(_("To the stage"), [(stage.key, stage.name) for stage in reversed(before)])
    if act in ("return", "reopen"):
        form.fields["reason"] = _text(_("Why"), _("Kept with the deal; 3 characters or more."))
    if act == "lose":
        reasons = [(code, code.replace("-", " ").capitalize()) for code in policy.loss_reasons]
        form.fields["reason"] = _choice(_("Reason"), reasons)
        form.fields["note"] = _text(_("What happened"), _("What the next deal can learn from it."))
        form.fields["note"].required = False
    if act == "lose" or (act == "return" and view.stage == policy.stages[-1].key):
        form.fields["on"] = fields.day(
            _("True since"),
            _("Where it is learned late: the day on which it was true; empty is today. A closed month stays as it was"
              " reported: what belongs to it is posted to the open one and points back."),
        )  # fmt: skip
    if act == "assign":
        names = [(str(seat), f"{name}, {units.get(unit, unit)}") for seat, name, unit in seats if seat != view.owner]
        form.fields["owner"] = _choice(_("To"), names)
    return form


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.Field:
    return forms.CharField(label=label, widget=forms.Select(choices=choices))


def _text(label: str, help_text: str) -> forms.Field:
    return forms.CharField(label=label, help_text=help_text, widget=forms.Textarea(attrs={"rows": 3}), strip=False)


def _words(act: str) -> dict[str, str]:
    return {
        "return": {
            "title": _("Return the deal"),
            "text": _("It steps back and passes the gates again. A booked deal is un-booked in this month."),
            "button": _("Return it"),
        },
        "lose": {
            "title": _("Close as lost"),
            "text": _("The value leaves the pipeline. A booked deal is cancelled in this month. It can be re-opened."),
            "button": _("Close as lost"),
        },
        "reopen": {
            "title": _("Re-open the deal"),
            "text": _("It starts in the first stage, and every gate is passed again."),
            "button": _("Re-open it"),
        },
        "assign": {
            "title": _("Assign the deal"),
            "text": _("Value moves with the deal; what was done stays with who did it."),
            "button": _("Assign it"),
        },
    }[act]
