from django.db import models


class Posting(models.Model):
    """A signed amount that an entry moves into or out of a place; written by the insert of the entry."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    book = models.TextField()
    place = models.TextField()
    period = models.DateField()
    unit = models.TextField()
    deal_id = models.BigIntegerField(null=True)
    seat_id = models.BigIntegerField(null=True)
    amount = models.BigIntegerField()
    currency = models.TextField(null=True)
    cause = models.TextField()
    relates_to = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "ledger_posting"

    def __str__(self) -> str:
        return f"{self.amount} {self.book}:{self.place} {self.period:%Y-%m}"
