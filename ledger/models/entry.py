from django.db import models


class Entry(models.Model):
    """One immutable fact. Only the bytes are inserted; PostgreSQL reads every column out of them."""

    app_grants = ("SELECT", "INSERT (envelope)")

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    seq = models.IntegerField()
    kind = models.TextField()
    actor = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    stage = models.TextField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    owner = models.BigIntegerField(null=True)
    envelope = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = "ledger_entry"

    def __str__(self) -> str:
        return f"#{self.id} {self.stream} {self.seq} {self.kind}"
