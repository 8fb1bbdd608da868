from django.db import models


class Clock(models.Model):
    """How far the product's clock runs ahead of the database's; moved only by a demo, only by its function."""

    app_grants = ("SELECT",)

    only_row = models.BooleanField(primary_key=True)
    ahead = models.DurationField()
    demo = models.BooleanField()

    class Meta:
        managed = False
        db_table = "ledger_clock"

    def __str__(self) -> str:
        return f"{self.ahead} ahead"
