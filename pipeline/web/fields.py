"""The fields of a deal as form fields, made from the policy that the deal lives under."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _

from ledger.rules.money import DECIMALS
from ledger.rules.problems import Fault
from pipeline.rules.policy import Input, Policy

CORE = ("amount", "currency", "close_on", "start_on", "account")
_DAY = {"type": "date"}


def day(label: str, help_text: str = "") -> forms.Field:
    return forms.CharField(label=label, required=False, help_text=help_text, widget=forms.DateInput(attrs=_DAY))


def of_input(field: Input, contacts: list[tuple[int, str]]) -> forms.Field:
    """Text stays as it was typed: the command reads it, and says what is wrong with it."""
    more: dict[str, Any] = {"label": field.name, "required": False, "help_text": field.help or field.decides}
    if field.type == "choice":
        return forms.CharField(widget=_select([(one, one.replace("-", " ")) for one in field.choices]), **more)
    if field.type == "contact":
        return forms.CharField(widget=_select([(str(key), name) for key, name in contacts]), **more)
    if field.type == "text":
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **more)
    if field.type == "date":
        return forms.CharField(widget=forms.DateInput(attrs=_DAY), **more)
    return forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **more)


def currencies(first: str) -> forms.Field:
    known = [first, *[code for code in ("EUR", "USD", "GBP", "CHF", "JPY") if code != first]]
    known += sorted(code for code in DECIMALS if code not in known)
    return forms.CharField(
        label=_("Currency"), required=False, widget=_select([(code, code) for code in known], empty=False)
    )


def put_core(fields: dict[str, forms.Field], policy: Policy, currency: str) -> None:
    """Amount, currency and dates, in the words of the policy."""
    amount = policy.inputs.get("amount")
    fields["amount"] = forms.CharField(
        label=amount.name if amount else _("Amount"),
        required=False,
        help_text=amount.help if amount else "",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    fields["currency"] = currencies(currency)
    for key, label in (("close_on", _("Close date")), ("start_on", _("Start date"))):
        known = policy.inputs.get(key)
        fields[key] = day(known.name if known else label, known.help if known else "")


class Asked(forms.Form):
    """What was typed goes to the command as it is; the command says what is wrong with it."""

    use_required_attribute = False

    def full_clean(self) -> None:
        self._errors = ErrorDict()  # type: ignore[assignment]
        self.cleaned_data = dict(self.data.items()) if self.is_bound else {}


def blame(form: forms.Form, faults: Iterable[Fault]) -> None:
    """Each fault beside its field; what has no field here stands above the form."""
    form.full_clean()
    for fault in faults:
        name = fault.pointer.strip("/").replace("/", "-")
        said = fault.message if fault.message.endswith("]") else f"{fault.message} [{fault.code}]"
        form.add_error(name if name in form.fields else None, said)


def _select(choices: list[tuple[str, str]], *, empty: bool = True) -> forms.Select:
    return forms.Select(choices=([("", _("not given yet"))] if empty else []) + choices)
