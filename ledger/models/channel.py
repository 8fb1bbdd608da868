from django.db import models


class Channel(models.Model):
    """A way out for signed heads; `fault` is what the last attempt said, empty when it went well."""

    app_grants = ("SELECT",)

    name = models.TextField(primary_key=True)
    pause = models.DurationField()
    active = models.BooleanField()
    fault = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_channel"

    def __str__(self) -> str:
        return self.name
