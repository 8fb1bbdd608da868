from django.db import models


class Idempotency(models.Model):
    """The first answer to a request key of a principal, kept in the transaction of its effect."""

    pk = models.CompositePrimaryKey("principal", "key")
    principal = models.BigIntegerField()
    key = models.TextField()
    fingerprint = models.BinaryField()
    status = models.IntegerField(null=True)
    headers = models.JSONField()
    body = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_idempotency"

    def __str__(self) -> str:
        return self.key
