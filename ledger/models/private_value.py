from django.db import models


class PrivateValue(models.Model):
    """A text that may be erased. The envelope holds HMAC-SHA-256(salt, value); without the salt it tells nothing."""

    app_grants = ("SELECT", "INSERT")  # deleted by the insert of an entry that erases it

    id = models.UUIDField(primary_key=True)
    subject = models.TextField()
    salt = models.BinaryField()
    value = models.TextField()

    class Meta:
        managed = False
        db_table = "ledger_private_value"

    def __str__(self) -> str:
        return str(self.id)
