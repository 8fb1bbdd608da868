"""Numbers in addresses: as long as the database can hold, anything else is simply not found."""

from django.urls.converters import IntConverter, register_converter


class NumberConverter(IntConverter):
    regex = "[0-9]{1,9}"


register_converter(NumberConverter, "number")
