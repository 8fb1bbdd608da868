from django.db import models


class Kind(models.Model):
    """The vocabulary as the database knows it; `ledger.rules.kinds` is its source."""

    app_grants = ("SELECT",)

    name = models.TextField(primary_key=True)
    effect = models.TextField(null=True)
    status = models.TextField()
    stream = models.TextField()
    mark = models.TextField(default="")

    class Meta:
        managed = False
        db_table = "ledger_kind"

    def __str__(self) -> str:
        return self.name
