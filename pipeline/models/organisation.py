from django.db import models


class Organisation(models.Model):
    """The one company that this ledger serves: reporting currency, zone and fiscal calendar."""

    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, default="USD")
    timezone = models.CharField(max_length=64, default="UTC")
    fiscal_start_month = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A business unit with its own capacity and calendar: a region."""

    key = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=100, unique=True)
    timezone = models.CharField(max_length=64, default="UTC")
    capacity_base = models.PositiveIntegerField(default=0, help_text="Units of delivery a month.")

    def __str__(self) -> str:
        return self.name


class BusinessFunction(models.Model):
    """Who owns obligations: sales, operations, finance, … A table, not an enumeration."""

    key = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name
