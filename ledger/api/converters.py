"""Numbers in addresses: as long as the database can hold, anything else is simply not found. And months: `2026-11`."""

from datetime import date

from django.urls.converters import IntConverter, register_converter


class NumberConverter(IntConverter):
    regex = "[0-9]{1,9}"


class MonthConverter:
    """The first day of a month."""

    regex = "[12][0-9]{3}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date) -> str:
        return f"{value:%Y-%m}"


register_converter(NumberConverter, "number")
register_converter(MonthConverter, "month")
