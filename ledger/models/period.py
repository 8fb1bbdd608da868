from django.db import models


class Period(models.Model):
    """A month that was prepared for closing, or closed; written by the insert of an entry. Without a row it is open."""

    app_grants = ("SELECT",)

    month = models.DateField(primary_key=True)
    stream = models.TextField()
    state = models.TextField()
    prepared_by = models.BigIntegerField()
    prepared_at = models.DateTimeField()
    figures = models.TextField()
    signatures = models.JSONField()
    closed_by = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.IntegerField()
    restated_figures = models.TextField(null=True)
    restating = models.JSONField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "ledger_period"

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.state}"
