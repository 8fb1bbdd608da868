from django.db import models


class Stream(models.Model):
    """The head of one chain: the lock is the chain is the version."""

    app_grants = ("SELECT",)

    id = models.TextField(primary_key=True)
    version = models.IntegerField()
    head = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_stream"

    def __str__(self) -> str:
        return f"{self.id} at {self.version}"
