from django.db import models


class Revenue(models.Model):
    """What the record says last of the revenue of a deal; `look_on`: when time alone makes something else of it."""

    app_grants = ("SELECT",)

    stream = models.TextField(primary_key=True)
    deal_id = models.BigIntegerField(unique=True)
    state = models.TextField()
    through = models.DateField(null=True)
    look_on = models.DateField(null=True)
    agreed_id = models.BigIntegerField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "reporting_revenue"

    def __str__(self) -> str:
        return f"{self.stream}: {self.state}"
