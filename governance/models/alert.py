from django.db import models


class Alert(models.Model):
    """An accountability alert as the record says it: what was missed, who answers, by when, and how far it climbed."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    about = models.TextField()
    subject = models.TextField()
    milestone_id = models.BigIntegerField(null=True)
    deal_id = models.BigIntegerField(null=True)
    key = models.TextField()
    function = models.TextField()
    unit = models.TextField()
    owner_seat = models.BigIntegerField(null=True)
    counterpart = models.TextField()
    missed_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    severity = models.TextField()
    warned_at = models.DateTimeField(null=True)
    stake = models.JSONField()
    stake_minor = models.BigIntegerField()
    currency = models.TextField(null=True)
    state = models.TextField()
    rung = models.SmallIntegerField()
    rung_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    cause = models.TextField(null=True)
    promised_on = models.DateField(null=True)
    acknowledged_by = models.BigIntegerField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    explained_by = models.BigIntegerField(null=True)
    explained_at = models.DateTimeField(null=True)
    committed_by = models.BigIntegerField(null=True)
    committed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_alert"

    def __str__(self) -> str:
        return f"A-{self.id}: {self.state}"
