from django.db import models


class Break(models.Model):
    """What promise, plan and books do not agree on, as the record says it."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    deal_id = models.BigIntegerField()
    unit = models.TextField()
    sort = models.TextField()
    function = models.TextField()
    month = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    facts = models.JSONField()
    found_at = models.DateTimeField()
    at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_break"

    def __str__(self) -> str:
        return f"B-{self.id}: {self.sort}"
