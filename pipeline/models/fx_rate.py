from django.db import models


class FxRate(models.Model):
    """Units of the reporting currency for one unit of `currency`, from `day` until the next rate."""

    app_grants = ("SELECT",)

    currency = models.TextField()
    day = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "pipeline_fxrate"

    def __str__(self) -> str:
        return f"{self.currency} {self.day}: {self.rate}"
