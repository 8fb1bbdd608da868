from django.db import models


class Hold(models.Model):
    """A stop on a deal or an account, as the record says it; `id` is the entry that placed it."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    deal_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)
    key = models.TextField()
    function = models.TextField()
    reason = models.TextField()
    placed_by = models.BigIntegerField()
    placed_at = models.DateTimeField()
    of_hold = models.BigIntegerField(null=True)
    released_by = models.BigIntegerField(null=True)
    released_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_hold"

    def __str__(self) -> str:
        return f"{self.function} holds {self.stream}: {self.reason}"
