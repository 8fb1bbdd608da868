"""Money, days and moments in templates; a request id for each form."""

import uuid
from datetime import date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ledger import words
from ledger.rules import money as rules

register = template.Library()


@register.filter
def money(minor: int | None, currency: str | None) -> str:
    """`{{ deal.amount_minor|money:deal.currency }}` → EUR 418,000.00; empty when it is not known."""
    return "" if minor is None or not currency else rules.text(minor, currency)


@register.filter
def short_money(minor: int | None, currency: str | None) -> str:
    return words.short_money(minor, currency)


@register.filter
def day(value: date | None) -> str:
    return words.day(value)


@register.filter
def month(value: date) -> str:
    return words.month(value)


@register.filter
def moment(value: datetime | None, zone: str = "UTC") -> str:
    told = words.moment(value, zone)
    return told["text"] if isinstance(told, dict) else told


@register.filter
def relative(value: datetime, now: datetime) -> str:
    return words.relative(value, now)


@register.filter
def count(number: int) -> str:
    return words.count(number)


@register.simple_tag
def request_id() -> SafeString:
    """The hidden name of this form: sent twice, it happens once."""
    return format_html('<input type="hidden" name="request_id" value="{}">', uuid.uuid4())
