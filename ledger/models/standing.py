from django.db import models


class Standing(models.Model):
    """What the record says of a requirement key of a stream; written by the insert of an entry."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("stream", "key")
    stream = models.TextField()
    key = models.TextField()
    requirement = models.TextField()
    effect = models.TextField()
    status = models.TextField()
    entry_id = models.BigIntegerField()
    actor = models.BigIntegerField()
    at = models.DateTimeField()
    function = models.TextField()
    preparer = models.BigIntegerField(null=True)
    start_by = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    facts = models.JSONField()
    first_due_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "ledger_standing"

    def __str__(self) -> str:
        return f"{self.stream} {self.key}: {self.status}"
