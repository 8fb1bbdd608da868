from django.db import models


class Outbox(models.Model):
    """What must leave the house, written with the fact that causes it; the relay sends, the consumer deletes."""

    id = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField()
    topic = models.TextField()
    available_at = models.DateTimeField()
    attempts = models.IntegerField()

    class Meta:
        managed = False
        db_table = "ledger_outbox"

    def __str__(self) -> str:
        return f"{self.topic} for #{self.entry_id}"


class Handled(models.Model):
    """That a handler has taken an entry: written in the same transaction as the effect, so it happens once."""

    app_grants = ("SELECT", "INSERT")

    pk = models.CompositePrimaryKey("entry_id", "handler")
    entry_id = models.BigIntegerField()
    handler = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_handled"

    def __str__(self) -> str:
        return f"{self.handler} took #{self.entry_id}"
