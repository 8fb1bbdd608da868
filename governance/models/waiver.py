from django.db import models


class Waiver(models.Model):
    """An expiring exception to one requirement of one deal, as the record says it; `id` is the entry that asked."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    deal_id = models.BigIntegerField()
    key = models.TextField()
    reason = models.TextField()
    unit = models.TextField()
    requester = models.BigIntegerField()
    requester_function = models.TextField()
    requested_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    value_minor = models.BigIntegerField()
    state = models.TextField()
    approver = models.BigIntegerField(null=True)
    approver_function = models.TextField(null=True)
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_waiver"

    def __str__(self) -> str:
        return f"{self.key} of {self.stream}: {self.state}"
