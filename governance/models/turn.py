from django.db import models


class Turn(models.Model):
    """Whose turn it is at a submission, as the record says it; a submission nobody asked about has no row."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("stream", "submission")
    stream = models.TextField()
    submission = models.BigIntegerField()
    key = models.TextField()
    deal_id = models.BigIntegerField()
    handed_to = models.BigIntegerField(null=True)
    question = models.BigIntegerField(null=True)
    asked_by = models.BigIntegerField(null=True)
    asked_of = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(null=True)
    stopped_us = models.BigIntegerField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_turn"

    def __str__(self) -> str:
        return f"{self.stream} {self.key}: {'asked' if self.question else 'waits'}"
