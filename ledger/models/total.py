"""Totals of sealed entries: a memory of sums over postings. Rows are added by `ledger_roll` alone."""

from django.db import models


class Block(models.Model):
    """The leaves [from_idx, to_idx); four blocks of a level make one of the next."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("level", "number")
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    from_idx = models.BigIntegerField()
    to_idx = models.BigIntegerField()
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    earliest = models.DateTimeField()
    latest = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_block"

    def __str__(self) -> str:
        return f"block {self.number} of level {self.level}"


class Total(models.Model):
    """What the postings of one block come to in one place, period, unit, cause and currency."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("level", "number", "book", "place", "period", "unit", "cause", "currency")
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    book = models.TextField()
    place = models.TextField()
    period = models.DateField()
    unit = models.TextField()
    cause = models.TextField()
    currency = models.TextField()
    amount = models.BigIntegerField()
    postings = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "ledger_total"

    def __str__(self) -> str:
        return f"{self.amount} {self.book}:{self.place} {self.period:%Y-%m} {self.cause}"
