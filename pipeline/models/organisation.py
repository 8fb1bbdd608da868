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
    """A business unit with its own capacity and calendar, such as a region."""

    key = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=100, unique=True)
    timezone = models.CharField(max_length=64, default="UTC")
    capacity_base = models.PositiveIntegerField(default=0, help_text="Units of delivery a month.")

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """A day on which a unit does not work; without a name it is worked after all. Written by entries only."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    unit = models.TextField()
    day = models.DateField()
    name = models.TextField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "pipeline_holiday"

    def __str__(self) -> str:
        return f"{self.day} in {self.unit}"


class BusinessFunction(models.Model):
    """Who owns obligations: sales, operations, finance, … A table, not an enumeration."""

    key = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name
