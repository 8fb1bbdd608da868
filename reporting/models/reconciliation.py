from django.db import models


class Reconciliation(models.Model):
    """The daily pass over promise, plan and books: how far it has come. What it found is entries."""

    day = models.DateField(primary_key=True)
    place = models.BigIntegerField(default=0)  # the last deal that was taken up
    deals = models.BigIntegerField(default=0)
    found = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    cleared = models.BigIntegerField(default=0)
    began_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reporting_reconciliation"

    def __str__(self) -> str:
        return f"{self.day}: {self.deals} deals"
