"""Sums of the pipeline by stage: a memory of what entries say. Rows are added with the blocks of the ledger alone."""

from django.db import models


class StageTotal(models.Model):
    """What the entries of one block put into a stage, less what they took from it."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("level", "number", "stage", "unit", "currency")
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    stage = models.TextField()
    unit = models.TextField()
    currency = models.TextField()
    deals = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "pipeline_stage_total"

    def __str__(self) -> str:
        return f"{self.deals} deals in {self.stage}, {self.unit}"
