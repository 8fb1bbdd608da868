from django.db import models


class Snapshot(models.Model):
    """The figures of a period as they were closed or restated; written by the insert of an entry."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("month", "version")
    month = models.DateField()
    version = models.IntegerField()
    figures = models.JSONField()
    sha256 = models.TextField()
    tree_size = models.BigIntegerField()
    at = models.DateTimeField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "reporting_snapshot"

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} version {self.version}"
